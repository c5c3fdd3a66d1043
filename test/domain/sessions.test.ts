import { describe, expect, test } from "vitest";
import { file, lock, task } from "../../src/domain/resource.ts";
import {
  acquire,
  actor,
  add,
  ana,
  bob,
  breaking,
  claim,
  HOUR,
  join,
  leave,
  MINUTE,
  renew,
  Scene,
  SECOND,
  START,
  set,
  unlock,
} from "./scene.ts";

const anaElsewhere = actor("ana", "another-session");

describe("joining", () => {
  test("puts the orchestrator on the board, with its machine, its session and its end", () => {
    const scene = new Scene();
    const { orchestrator } = scene.grant(ana, join);
    expect(orchestrator).toEqual({
      id: "ana",
      status: "Active",
      currentTask: null,
      lastSeen: START,
      host: "ana-laptop",
      session: "of-ana",
      expires: START + 15 * MINUTE,
    });
    expect(scene.board.orchestrators).toEqual([orchestrator]);
  });

  test("again is already so, until half of the session is gone", () => {
    const scene = new Scene();
    scene.grant(ana, join);
    scene.later(7 * MINUTE);
    scene.unchanged(ana, join);
    scene.later(MINUTE);
    expect(scene.grant(ana, join).orchestrator.expires).toBe(scene.at + 15 * MINUTE);
  });

  test("under a name shows it beside the machine, until another is given", () => {
    const scene = new Scene();
    scene.grant(ana, join);
    expect(scene.grant({ ...ana, host: "ana-laptop (reviewer)" }, join).orchestrator.host).toBe(
      "ana-laptop (reviewer)",
    );
    scene.unchanged(ana, join);
    scene.grant(ana, acquire([lock("gpu")]));
    expect(scene.row("ana")?.host).toBe("ana-laptop (reviewer)");
    scene.grant({ ...ana, host: "ana-laptop (builder)" }, join);
    expect(scene.row("ana")?.host).toBe("ana-laptop (builder)");
    scene.grant({ ...ana, host: "tower" }, acquire([lock("db")]));
    expect(scene.row("ana")?.host).toBe("tower");
  });

  test("with an id that another session uses is refused, in any case of letters", () => {
    const scene = new Scene();
    scene.grant(ana, join);
    expect(scene.refused(anaElsewhere, join, "identity_taken").orchestrator.id).toBe("ana");
    scene.refused(actor("ANA", "another-session"), join, "identity_taken");
    scene.unchanged({ ...ana, id: "ANA" }, join);
  });

  test("takes an id that a board of the original system lists without a session", () => {
    const scene = new Scene();
    scene.grant(ana, join);
    const rows = scene.board.orchestrators.map((row) => ({ ...row, session: null, host: null, expires: null }));
    scene.board = { ...scene.board, orchestrators: rows };
    expect(scene.grant(anaElsewhere, join).orchestrator).toMatchObject({
      session: "another-session",
      expires: START + 15 * MINUTE,
    });
    expect(scene.board.orchestrators).toHaveLength(1);
  });
});

describe("one id in two places", () => {
  test.each([
    ["claim", claim("T1")],
    ["claim --next", claim(null)],
    ["lock", acquire([lock("build")])],
    ["unlock", unlock([lock("gpu")])],
    ["renew", renew()],
    ["done", { op: "complete", task: "T1", note: null }],
    ["release", { op: "release", task: "T1", note: null }],
    ["add", add("more")],
    ["settings", set("Strict", "yes")],
    ["break", breaking([lock("gpu")], true)],
    ["leave", leave],
  ] as const)("is refused to %s", (_, operation) => {
    const scene = new Scene();
    scene.grant(bob, add("a task"));
    scene.grant(ana, acquire([lock("gpu")]));
    scene.refused(anaElsewhere, operation, "identity_taken");
    expect(scene.holder(lock("gpu"))).toBe("ana");
  });

  test("goes to the new one when the old session is provably over, and all that it held is freed", () => {
    const scene = new Scene();
    scene.grant(bob, add("a task"));
    scene.grant(ana, claim("T1", { with: [file("src/")] }));
    scene.grant(ana, acquire([lock("build")]));
    const old = scene.lease(task("T1"))?.fence;
    scene.later(15 * MINUTE + 30 * SECOND);
    scene.refused(anaElsewhere, join, "identity_taken");
    scene.later(1);
    const { evidence } = scene.granted(anaElsewhere, join);
    expect(evidence).toMatchObject([
      { kind: "clock", resource: "orchestrator:ana", holder: "ana", expires: START + 15 * MINUTE },
    ]);
    expect(scene.board.leases).toEqual([]);
    expect(scene.task("T001")?.state).toBe("queued");
    scene.refused(ana, renew([{ resource: task("T1"), fence: old ?? null }]), "identity_taken");
  });

  test("stays with a session that a long lock keeps alive", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([lock("build")], { ttl: 2 * HOUR }));
    scene.later(HOUR);
    scene.refused(anaElsewhere, join, "identity_taken");
  });

  test("leaves a stranger free to act on the board once the old session is over, without becoming it", () => {
    const scene = new Scene();
    scene.grant(ana, join);
    scene.later(HOUR);
    scene.grant(anaElsewhere, add("a task"));
    expect(scene.row("ana")?.session).toBe("of-ana");
  });
});

describe("a session", () => {
  test("that has ended goes on under new fences when nobody took anything", () => {
    const scene = new Scene();
    scene.grant(bob, add("a task"));
    const { fence } = scene.grant(ana, claim("T1"));
    scene.later(HOUR);
    const again = scene.grant(ana, claim("T1"));
    expect(again.fence).toBeGreaterThan(fence);
    expect(again.task.since).toBe(scene.at);
  });

  test("is kept alive by everything that its orchestrator writes", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([lock("gpu")]));
    for (const operation of [add("a task"), claim(null), acquire([file("a")]), unlock([file("a")]), renew()]) {
      scene.later(8 * MINUTE);
      scene.granted(ana, operation);
      expect(scene.row("ana")).toMatchObject({ lastSeen: scene.at, expires: scene.at + 15 * MINUTE });
    }
  });

  test("shows what its orchestrator works on", () => {
    const scene = new Scene();
    for (const title of ["one", "two"]) scene.grant(bob, add(title));
    scene.grant(ana, claim("T1"));
    scene.grant(ana, claim("T2"));
    expect(scene.row("ana")?.currentTask).toBe("T001, T002");
    scene.granted(ana, { op: "complete", task: "T1", note: null });
    expect(scene.row("ana")?.currentTask).toBe("T002");
    scene.granted(bob, breaking([task("T2")], true));
    expect(scene.row("ana")?.currentTask).toBeNull();
  });
});

describe("leaving", () => {
  test("gives everything back and takes the row off the board", () => {
    const scene = new Scene();
    scene.grant(bob, add("a task"));
    scene.grant(ana, claim("T1", { with: [file("src/")] }));
    scene.grant(ana, acquire([lock("build")]));
    scene.board = {
      ...scene.board,
      waiters: [
        { resource: lock("gpu"), orchestrator: "Ana", since: START, until: null, turn: null },
        { resource: lock("gpu"), orchestrator: "bob", since: START, until: null, turn: null },
      ],
    };
    expect(scene.grant(ana, leave).released).toEqual([task("T001"), file("src/"), lock("build")]);
    expect(scene.board.leases).toEqual([]);
    expect(scene.row("ana")).toBeUndefined();
    expect(scene.board.waiters.map(({ orchestrator }) => orchestrator)).toEqual(["bob"]);
    expect(scene.task("T001")?.state).toBe("queued");
  });

  test("when not there is already so", () => {
    expect(new Scene().unchanged(ana, leave).released).toEqual([]);
  });

  test("gives nothing of others back", () => {
    const scene = new Scene();
    scene.grant(bob, acquire([lock("build")]));
    scene.grant(ana, join);
    scene.grant(ana, leave);
    expect(scene.holder(lock("build"))).toBe("bob");
  });
});
