import { describe, expect, test } from "vitest";
import { EMPTY_BOARD, type Lease } from "../../src/domain/board.ts";
import { BUILD, file, lock, task } from "../../src/domain/resource.ts";
import {
  acquire,
  add,
  ana,
  bob,
  breaking,
  claim,
  eve,
  HOUR,
  MINUTE,
  renew,
  Scene,
  SECOND,
  START,
  set,
  unlock,
} from "./scene.ts";

describe("a lock", () => {
  test("lasts as long as the settings say for its kind, or as long as was asked", () => {
    const scene = new Scene();
    scene.grant(bob, set("Lock time", "7m"));
    const { leases } = scene.grant(ana, acquire([BUILD, lock("gpu"), file("src/")], { reason: "tests" }));
    expect(leases.map(({ expires }) => (expires ?? 0) - START)).toEqual([10 * MINUTE, 7 * MINUTE, 5 * MINUTE]);
    expect(leases.map(({ fence, holder, reason }) => [fence, holder, reason])).toEqual(
      Array(3).fill([scene.seq, "ana", "tests"]),
    );
    expect(scene.grant(ana, acquire([lock("db")], { ttl: 90 * SECOND })).leases[0]?.expires).toBe(START + 90 * SECOND);
  });

  test("asked for again is already so, with the same fence, and is extended when half of it is gone", () => {
    const scene = new Scene();
    const first = scene.grant(ana, acquire([BUILD])).leases;
    scene.later(5 * MINUTE);
    expect(scene.unchanged(ana, acquire([lock("BUILD")])).leases).toEqual(first);
    scene.later(SECOND);
    expect(scene.grant(ana, acquire([BUILD])).leases).toMatchObject([
      { fence: first[0]?.fence, expires: scene.at + 10 * MINUTE },
    ]);
  });

  test("is never shortened by asking again", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([BUILD], { ttl: 2 * HOUR }));
    expect(scene.unchanged(ana, acquire([BUILD], { ttl: MINUTE })).leases[0]?.expires).toBe(START + 2 * HOUR);
  });

  test("whose time is over and that nobody took is granted anew, with a new fence", () => {
    const scene = new Scene();
    const old = scene.grant(ana, acquire([BUILD])).leases[0]?.fence;
    scene.later(10 * MINUTE);
    const again = scene.grant(ana, acquire([BUILD])).leases[0];
    expect(again?.fence).toBe(scene.seq);
    expect(again?.fence).not.toBe(old);
    expect(again?.since).toBe(scene.at);
  });

  test("of somebody else refuses the whole request", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([lock("gpu")]));
    const before = scene.board;
    expect(scene.refused(bob, acquire([lock("db"), lock("GPU"), file("a")]), "held")).toMatchObject({
      lease: { holder: "ana", expires: START + 10 * MINUTE },
      wanted: lock("GPU"),
    });
    expect(scene.board).toBe(before);
  });

  test("can have several slots, one for each holder", () => {
    const scene = new Scene({ ...EMPTY_BOARD, locks: [{ name: "gpu", slots: 2 }] });
    scene.grant(ana, acquire([lock("gpu")]));
    scene.unchanged(ana, acquire([lock("gpu")]));
    scene.grant(bob, acquire([lock("GPU")]));
    scene.refused(eve, acquire([lock("gpu")]), "held");
    scene.grant(ana, unlock([lock("gpu")]));
    scene.grant(eve, acquire([lock("gpu")]));
  });

  test("of which one slot is provably free again costs only its late holder the place", () => {
    const scene = new Scene({ ...EMPTY_BOARD, locks: [{ name: "gpu", slots: 2 }] });
    scene.grant(bob, acquire([lock("gpu")], { ttl: HOUR }));
    scene.grant(ana, acquire([lock("gpu")], { ttl: MINUTE }));
    scene.later(10 * MINUTE);
    expect(scene.granted(eve, acquire([lock("gpu")])).evidence.map(({ holder }) => holder)).toEqual(["ana"]);
    expect(scene.board.leases.map(({ holder }) => holder).sort()).toEqual(["bob", "eve"]);
    scene.later(2 * HOUR);
    expect(scene.granted(ana, acquire([lock("gpu")])).evidence.map(({ resource }) => resource)).toEqual([
      "lock:gpu",
      "orchestrator:bob",
    ]);
    expect(scene.board.leases).toHaveLength(2);
  });
});

describe("a file lock", () => {
  test.each([
    ["src/", "src/a"],
    ["src/a", "src/"],
    ["src/A.ts", "src/a.ts"],
    ["\u00e9", "e\u0301"],
  ])("on %j stands in the way of %j", (held, wanted) => {
    const scene = new Scene();
    scene.grant(ana, acquire([file(held)]));
    expect(scene.refused(bob, acquire([file(wanted)]), "held").lease.resource).toEqual(file(held));
  });

  test("on a directory is as good as one on a file in it, for the same holder", () => {
    const scene = new Scene();
    const [outer] = scene.grant(ana, acquire([file("src/")])).leases;
    expect(scene.unchanged(ana, acquire([file("src/a.c")])).leases).toEqual([outer]);
  });

  test("can be widened to the directory by its holder", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([file("src/a.c")]));
    scene.grant(ana, acquire([file("src/")]));
    scene.grant(ana, unlock([file("src/a.c")]));
    scene.refused(bob, acquire([file("src/a.c")]), "held");
  });

  test("takes every expired lease in its way, or none", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([file("src/a")], { ttl: MINUTE }));
    scene.grant(bob, acquire([file("src/b")], { ttl: HOUR }));
    scene.later(10 * MINUTE);
    expect(scene.refused(eve, acquire([file("src/")]), "held").lease.holder).toBe("bob");
    expect(scene.holder(file("src/a"))).toBe("ana");
    scene.later(HOUR);
    expect(scene.granted(eve, acquire([file("src/")])).evidence.map(({ resource }) => resource)).toEqual([
      "file:src/a",
      "orchestrator:ana",
      "file:src/b",
      "orchestrator:bob",
    ]);
  });
});

describe("giving back", () => {
  test("frees what is named, or all locks and files, and no tasks", () => {
    const scene = new Scene();
    scene.grant(bob, add("a task"));
    scene.grant(ana, claim("T1", { with: [file("a")] }));
    scene.grant(ana, acquire([BUILD, lock("gpu")]));
    expect(scene.grant(ana, unlock([lock("Build")])).released).toEqual([BUILD]);
    expect(scene.grant(ana, unlock(null)).released).toEqual([file("a"), lock("gpu")]);
    expect(scene.unchanged(ana, unlock(null)).released).toEqual([]);
    expect(scene.holder(task("T1"))).toBe("ana");
  });

  test("what one does not hold is refused, and then nothing is given back", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([BUILD]));
    scene.grant(bob, acquire([lock("gpu")]));
    expect(scene.refused(ana, unlock([BUILD, lock("gpu")]), "lost")).toMatchObject({
      resource: lock("gpu"),
      now: { holder: "bob" },
    });
    expect(scene.refused(ana, unlock([lock("db")]), "lost").now).toBeNull();
    expect(scene.holder(BUILD)).toBe("ana");
  });

  test("under a fence leaves what the same id was granted anew since", () => {
    const scene = new Scene();
    const under = (fence: number | null) => ({ ...unlock([BUILD]), expected: [{ resource: BUILD, fence }] });
    const [first] = scene.grant(ana, acquire([BUILD])).leases;
    scene.grant(bob, breaking([BUILD], true));
    const [second] = scene.grant(ana, acquire([BUILD])).leases;
    expect(scene.refused(ana, under(first?.fence ?? null), "lost").now).toEqual(second);
    expect(scene.holder(BUILD)).toBe("ana");
    expect(scene.grant(ana, under(second?.fence ?? null)).released).toEqual([BUILD]);
  });
});

describe("renewing", () => {
  test("extends everything held and the session, and keeps the fences", () => {
    const scene = new Scene();
    scene.grant(bob, add("a task"));
    scene.grant(ana, claim("T1", { with: [file("a")] }));
    scene.grant(ana, acquire([BUILD]));
    const fences = scene.board.leases.map(({ fence }) => fence);
    scene.later(4 * MINUTE);
    const { leases, expires } = scene.grant(ana, renew());
    expect(leases.map((lease) => (lease.expires ?? 0) - scene.at)).toEqual([15 * MINUTE, 5 * MINUTE, 10 * MINUTE]);
    expect(leases.map(({ fence }) => fence)).toEqual(fences);
    expect(expires).toBe(scene.at + 15 * MINUTE);
  });

  test("with a time of its own lasts so long, but never shortens", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([lock("gpu")], { ttl: HOUR }));
    scene.grant(ana, acquire([BUILD]));
    scene.later(SECOND);
    expect(scene.grant(ana, renew([], 30 * MINUTE)).leases.map(({ expires }) => expires)).toEqual([
      START + HOUR,
      scene.at + 30 * MINUTE,
    ]);
  });

  test("can always be seen, also when a slow clock does not move the ledger's time", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([BUILD]));
    const before = { lease: scene.lease(BUILD)?.expires ?? 0, session: scene.row("ana")?.expires ?? 0 };
    scene.grant(ana, renew());
    expect(scene.lease(BUILD)?.expires).toBe(before.lease + SECOND);
    expect(scene.row("ana")?.expires).toBe(before.session + SECOND);
  });

  test("touches nothing of others", () => {
    const scene = new Scene();
    scene.grant(bob, acquire([lock("gpu")]));
    const before = scene.lease(lock("gpu"));
    scene.grant(ana, acquire([BUILD]));
    scene.later(MINUTE);
    scene.grant(ana, renew());
    expect(scene.lease(lock("gpu"))).toEqual(before);
  });

  test("of a lease whose time is over gives it a new fence; the others keep theirs", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([BUILD], { ttl: HOUR }));
    scene.grant(ana, acquire([file("a")]));
    const [build] = scene.board.leases;
    scene.later(6 * MINUTE);
    const { leases } = scene.grant(ana, renew());
    expect(leases.map(({ fence }) => fence)).toEqual([build?.fence, scene.seq]);
  });

  test("after the session is over gives everything a new fence", () => {
    const scene = new Scene();
    scene.grant(bob, add("a task"));
    scene.grant(ana, claim("T1", { with: [lock("gpu")] }));
    scene.later(HOUR);
    expect(scene.grant(ana, renew()).leases.map(({ fence }) => fence)).toEqual([scene.seq, scene.seq]);
  });

  test("is refused when what is believed to be held was taken, and names who has it now", () => {
    const scene = new Scene();
    const fence = scene.grant(ana, acquire([BUILD])).leases[0]?.fence ?? null;
    scene.later(11 * MINUTE);
    scene.grant(bob, acquire([BUILD]));
    expect(scene.refused(ana, renew([{ resource: BUILD, fence }]), "lost")).toMatchObject({
      resource: BUILD,
      now: { holder: "bob" },
    });
  });

  test("is refused when the lease went round and came back under another fence", () => {
    const scene = new Scene();
    const fence = scene.grant(ana, acquire([BUILD])).leases[0]?.fence ?? null;
    scene.grant(eve, breaking([BUILD], true));
    scene.grant(ana, acquire([BUILD]));
    expect(scene.refused(ana, renew([{ resource: BUILD, fence }]), "lost").now).toMatchObject({ holder: "ana" });
    scene.grant(ana, renew([{ resource: BUILD, fence: null }]));
  });

  test("is refused to whoever is not on the board", () => {
    expect(new Scene().refused(ana, renew(), "session_over").id).toBe("ana");
  });
});

describe("breaking", () => {
  test("frees a stale lease and takes it for nobody", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([BUILD]));
    scene.later(10 * MINUTE + 30 * SECOND + 1);
    const verdict = scene.granted(bob, breaking([BUILD]));
    expect(verdict.grant).toMatchObject({ broken: [{ resource: BUILD, holder: "ana" }] });
    expect(verdict.evidence).toMatchObject([{ kind: "clock", resource: "lock:build" }]);
    expect(scene.board.leases).toEqual([]);
    expect(scene.row("bob")).toBeUndefined();
  });

  test("a live lease needs force", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([BUILD]));
    expect(scene.refused(bob, breaking([BUILD]), "held").lease.holder).toBe("ana");
    expect(scene.granted(bob, breaking([BUILD], true)).evidence).toEqual([]);
    expect(scene.holder(BUILD)).toBeNull();
  });

  test("puts a task back at the front of the queue", () => {
    const scene = new Scene();
    for (const title of ["one", "two"]) scene.grant(bob, add(title));
    scene.grant(ana, claim("T2"));
    scene.grant(bob, breaking([task("t2")], true));
    expect(scene.board.tasks.map(({ id, state }) => `${id} ${state}`)).toEqual(["T002 queued", "T001 queued"]);
  });

  test("is all or nothing, and frees every holder of a lock with slots", () => {
    const scene = new Scene({ ...EMPTY_BOARD, locks: [{ name: "gpu", slots: 2 }] });
    for (const who of [ana, bob]) scene.grant(who, acquire([lock("gpu")]));
    scene.grant(ana, acquire([BUILD], { ttl: HOUR }));
    scene.later(11 * MINUTE);
    const before = scene.board;
    scene.refused(eve, breaking([lock("gpu"), BUILD]), "held");
    expect(scene.board).toBe(before);
    expect(scene.grant(eve, breaking([lock("gpu")])).broken.map(({ holder }) => holder)).toEqual(["ana", "bob"]);
  });

  test("what nobody holds is already so; a task that nobody knows is refused", () => {
    const scene = new Scene();
    expect(scene.unchanged(ana, breaking([BUILD, file("a")])).broken).toEqual([]);
    scene.refused(ana, breaking([task("T1")], true), "no_such_task");
  });
});

describe("the evidence that a lease is over", () => {
  const stale = (settings: Record<string, string> = {}) => {
    const scene = new Scene();
    for (const [name, value] of Object.entries(settings)) scene.grant(bob, set(name, value));
    scene.grant(ana, acquire([BUILD]));
    return scene;
  };
  const observation = { resource: "lock:build", holder: "ana", fence: 2, expires: START + 10 * MINUTE };

  test("is the clock, strictly past expiry plus tolerance", () => {
    const scene = stale();
    scene.later(10 * MINUTE);
    expect(scene.refused(bob, acquire([BUILD]), "held").expired).toBe(true);
    scene.later(30 * SECOND);
    scene.refused(bob, acquire([BUILD]), "held");
    scene.later(1);
    const { evidence, grant } = scene.granted(bob, acquire([BUILD]));
    expect(evidence).toEqual([{ kind: "clock", ...observation, clock: scene.at }]);
    expect(grant).toMatchObject({ leases: [{ holder: "bob", fence: scene.seq }] });
  });

  test("follows the tolerance that the board sets", () => {
    const scene = stale({ "Clock tolerance": "5m" });
    scene.later(15 * MINUTE);
    scene.refused(bob, acquire([BUILD]), "held");
    scene.later(1);
    scene.grant(bob, acquire([BUILD]));
  });

  test("is never a ledger's time that others have dragged ahead of this machine's clock", () => {
    const scene = stale();
    scene.later(HOUR);
    scene.clock = START;
    expect(scene.refused(bob, acquire([BUILD]), "held").expired).toBe(false);
  });

  test("is not the clock with Clock trust none: then only what this machine has watched counts", () => {
    const scene = stale({ "Clock trust": "none" });
    const watched = { ...observation, fence: 3 };
    scene.later(24 * HOUR);
    expect(scene.refused(bob, acquire([BUILD]), "held").expired).toBe(true);
    scene.refused(bob, breaking([BUILD]), "held");
    scene.observed = [watched];
    expect(scene.granted(bob, acquire([BUILD])).evidence).toMatchObject([{ kind: "observed", ...watched }]);
  });

  test.each([
    ["fence", { fence: 9 }],
    ["expiry", { expires: START + 11 * MINUTE }],
    ["holder", { holder: "eve" }],
    ["resource", { resource: "lock:gpu" }],
  ])("does not count when another %s was watched", (_, other) => {
    const scene = stale();
    scene.observed = [{ ...observation, ...other }];
    scene.refused(bob, acquire([BUILD]), "held");
  });

  const handWritten = (lease: Partial<Lease>): Scene =>
    new Scene({
      ...EMPTY_BOARD,
      leases: [{ resource: BUILD, holder: "ana", fence: null, since: null, expires: null, reason: null, ...lease }],
    });

  test("for a row without an expiry begins with its since, by the default time", () => {
    const scene = handWritten({ since: START });
    scene.later(10 * MINUTE + 30 * SECOND);
    scene.refused(bob, acquire([BUILD]), "held");
    scene.later(1);
    scene.grant(bob, acquire([BUILD]));
  });

  test("never comes for a row that nobody dated", () => {
    const scene = handWritten({});
    scene.later(1000 * HOUR);
    expect(scene.refused(bob, acquire([BUILD]), "held")).toMatchObject({ expired: false, lease: { expires: null } });
    scene.refused(bob, breaking([BUILD]), "held");
    scene.grant(bob, breaking([BUILD], true));
  });

  test("for a task is that of its holder's session", () => {
    const scene = new Scene();
    scene.grant(bob, add("a task"));
    scene.grant(ana, claim("T1"));
    scene.later(10 * MINUTE);
    scene.grant(ana, renew());
    scene.later(10 * MINUTE);
    scene.refused(bob, claim("T1"), "held");
    scene.later(6 * MINUTE);
    expect(scene.granted(bob, claim("T1")).evidence).toMatchObject([
      { resource: "task:T001", expires: START + 25 * MINUTE },
      { resource: "orchestrator:ana" },
    ]);
  });
});
