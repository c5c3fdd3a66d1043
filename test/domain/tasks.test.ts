import { describe, expect, test } from "vitest";
import { EMPTY_BOARD, type Lease, type Task } from "../../src/domain/board.ts";
import { isTaskId, readyTasks, taskLease, viewTask } from "../../src/domain/queue.ts";
import { file, lock, task } from "../../src/domain/resource.ts";
import { acquire, add, ana, bob, claim, complete, eve, MINUTE, release, Scene, SECOND, START, set } from "./scene.ts";

const HELD = { holder: "eve", fence: 1, since: START, expires: null, reason: null };

/** A scene with these tasks, added by bob, who holds nothing. */
function queue(...titles: string[]): Scene {
  const scene = new Scene();
  for (const title of titles) scene.grant(bob, add(title));
  return scene;
}

const readyIds = (scene: Scene, area: string | null = null) =>
  readyTasks(scene.board, scene.context(), area).map(({ id }) => id);

describe("adding a task", () => {
  test("gives it the next free number", () => {
    const scene = queue("one");
    expect(scene.grant(ana, add("two", { priority: 1, area: "docs" })).task).toEqual({
      ...{ id: "T002", title: "two", state: "queued", priority: 1, area: "docs", after: [] },
      ...{ completedBy: null, completedAt: null, note: null, claimedBy: null, since: null, fence: null },
    });
    expect(scene.grant(ana, add("ten", { id: "t0010" })).task.id).toBe("t0010");
    expect(scene.grant(ana, add("more")).task.id).toBe("T011");
  });

  test("under an id of its own is already so for the same title, and refused for another", () => {
    const scene = queue("one");
    expect(scene.unchanged(ana, add("one", { id: "t1" })).task.id).toBe("T001");
    expect(scene.refused(ana, add("other", { id: "T01" }), "task_exists").id).toBe("T01");
    scene.grant(ana, add("login", { id: "fix-login" }));
    scene.refused(ana, add("other", { id: "FIX-LOGIN" }), "task_exists");
  });

  test("takes over the spelling of what it comes after, and refuses what nobody knows", () => {
    const scene = queue("one");
    expect(scene.grant(ana, add("two", { after: ["t1"] })).task.after).toEqual(["T001"]);
    expect(scene.refused(ana, add("three", { after: ["T1", "T9"] }), "unknown_dependency").id).toBe("T9");
    scene.refused(ana, add("itself", { id: "T5", after: ["T5"] }), "unknown_dependency");
  });

  test("goes on counting past numbers of any size without using one twice", () => {
    const scene = new Scene();
    scene.grant(ana, add("far", { id: "T999999999999999" }));
    const ids = ["a", "b", "c"].map((title) => scene.grant(ana, add(title)).task.id);
    expect(new Set(["T999999999999999", ...ids]).size).toBe(4);
  });
});

describe("claiming a task", () => {
  test("gives its holder a lease with the commit's number as fence", () => {
    const scene = queue("one");
    const grant = scene.grant(ana, claim("t1"));
    expect(grant).toMatchObject({
      fence: scene.seq,
      task: { id: "T001", state: "in_progress", claimedBy: "ana", since: START },
    });
    expect(grant.leases).toMatchObject([
      {
        resource: task("T001"),
        holder: "ana",
        fence: scene.seq,
        since: START,
        expires: START + 15 * MINUTE,
        reason: null,
      },
    ]);
  });

  test("again is already so, with the same fence", () => {
    const scene = queue("one");
    const wish = claim("T1", { with: [file("src/"), lock("gpu")] });
    const { fence, leases } = scene.grant(ana, wish);
    expect(scene.unchanged(ana, wish)).toMatchObject({ fence, leases });
    expect(scene.unchanged(ana, claim("T01"))).toMatchObject({ fence });
  });

  test("of somebody else is refused with who, since when and until when, and what is ready instead", () => {
    const scene = queue("one", "two", "three");
    scene.grant(ana, claim("T2"));
    scene.later(MINUTE);
    const { lease, wanted, expired, ready } = scene.refused(bob, claim("t02"), "held");
    expect(lease).toMatchObject({ holder: "ana", since: START, expires: START + 15 * MINUTE });
    expect({ wanted, expired, ready }).toEqual({ wanted: task("T002"), expired: false, ready: ["T001", "T003"] });
  });

  test("takes its files and locks with it, or nothing at all", () => {
    const scene = queue("one");
    scene.grant(ana, acquire([file("src/b.c")]));
    const before = scene.board;
    expect(scene.refused(bob, claim("T1", { with: [lock("gpu"), file("SRC/")] }), "held").lease.resource).toEqual(
      file("src/b.c"),
    );
    expect(scene.board).toBe(before);
    expect(scene.grant(bob, claim("T1", { with: [lock("gpu"), file("docs/")] })).leases).toHaveLength(3);
  });

  test("that is finished, or that nobody knows, is refused as such", () => {
    const scene = queue("one");
    scene.grant(ana, claim("T1"));
    scene.grant(ana, complete("T1"));
    expect(scene.refused(bob, claim("T1"), "task_finished").task.completedBy).toBe("ana");
    expect(scene.refused(bob, claim("T7"), "no_such_task").id).toBe("T7");
  });

  test("is refused while it waits for others, and names them", () => {
    const scene = queue("one", "two");
    scene.grant(bob, add("last", { after: ["T1", "T2"] }));
    scene.grant(ana, claim("T1"));
    scene.grant(ana, complete("T1"));
    expect(scene.refused(ana, claim("T3"), "task_blocked")).toEqual({
      kind: "task_blocked",
      id: "T003",
      waitsFor: ["T002"],
      ready: ["T002"],
    });
    scene.grant(ana, claim("T2"));
    scene.refused(eve, claim("T3"), "task_blocked");
    scene.grant(ana, complete("T2"));
    scene.grant(eve, claim("T3"));
    expect(scene.task("T003")?.after).toEqual([]);
  });
});

describe("claiming the next task", () => {
  test("takes the smallest priority number, then the oldest", () => {
    const scene = new Scene();
    for (const [title, priority] of [
      ["a", 3],
      ["b", 1],
      ["c", 2],
      ["d", 1],
    ] as const)
      scene.grant(bob, add(title, { priority }));
    expect(readyIds(scene)).toEqual(["T002", "T004", "T003", "T001"]);
    expect([ana, bob, eve].map((who) => scene.grant(who, claim(null)).task.id)).toEqual(["T002", "T004", "T003"]);
  });

  test("puts a task without a priority last, and one that was given back first of its priority", () => {
    const scene = queue("one", "two");
    const unranked: Task = { ...(scene.task("T001") as Task), id: "X", priority: null };
    scene.board = { ...scene.board, tasks: [unranked, ...scene.board.tasks] };
    scene.grant(ana, claim("T2"));
    scene.grant(ana, release("T2"));
    expect(readyIds(scene)).toEqual(["T002", "T001", "X"]);
  });

  test("can keep to an area, whatever its case", () => {
    const scene = new Scene();
    scene.grant(bob, add("a", { area: "docs" }));
    scene.grant(bob, add("b", { area: "Physics", priority: 9 }));
    expect(scene.grant(ana, claim(null, { area: " physics" })).task.id).toBe("T002");
    expect(scene.refused(bob, claim(null, { area: "physics" }), "nothing_ready")).toMatchObject({
      area: "physics",
      queued: 1,
      inProgress: 1,
    });
  });

  test("leaves out what waits for others, and says when nothing is left", () => {
    const scene = queue("one");
    scene.grant(bob, add("two", { after: ["T1"] }));
    scene.grant(ana, claim(null));
    expect(scene.refused(bob, claim(null), "nothing_ready")).toEqual({
      kind: "nothing_ready",
      area: null,
      queued: 1,
      inProgress: 1,
    });
  });

  test("goes on to the following one when somebody was first", () => {
    const scene = queue("one", "two");
    expect(scene.grant(ana, claim(null)).task.id).toBe("T001");
    expect(scene.grant(bob, claim(null)).task.id).toBe("T002");
  });

  test("takes up a task whose holder is provably gone", () => {
    const scene = queue("one");
    scene.grant(ana, claim(null));
    scene.later(15 * MINUTE + 30 * SECOND);
    scene.refused(bob, claim(null), "nothing_ready");
    scene.later(1);
    expect(readyIds(scene)).toEqual(["T001"]);
    expect(scene.granted(bob, claim(null)).evidence).toMatchObject([
      { kind: "clock", resource: "task:T001", holder: "ana" },
      { kind: "clock", resource: "orchestrator:ana", holder: "ana" },
    ]);
    expect(scene.holder(task("T1"))).toBe("bob");
    expect(scene.row("ana")).toBeUndefined();
  });
});

describe.each([
  ["done", complete, "done"],
  ["release", release, "queued"],
] as const)("%s", (_, end, state) => {
  test("frees what was locked with the task, and nothing else", () => {
    const scene = queue("one", "two");
    scene.grant(ana, claim("T1", { with: [file("src/"), lock("gpu")] }));
    scene.grant(ana, claim("T2", { with: [file("docs/")] }));
    scene.grant(ana, acquire([lock("build")], { reason: "a build" }));
    scene.grant(bob, acquire([lock("db")]));
    expect(scene.granted(ana, end("t01")).grant).toMatchObject({ released: [task("T001"), file("src/"), lock("gpu")] });
    expect(scene.board.leases.map(({ resource }) => resource)).toEqual([
      task("T002"),
      file("docs/"),
      lock("build"),
      lock("db"),
    ]);
    expect(scene.task("T001")?.state).toBe(state);
  });

  test("is refused to whoever does not hold the task, with who does", () => {
    const scene = queue("one");
    expect(scene.refused(ana, end("T1"), "lost").now).toBeNull();
    scene.grant(bob, claim("T1"));
    expect(scene.refused(ana, end("T1"), "lost").now).toMatchObject({ holder: "bob" });
    scene.refused(ana, end("T9"), "no_such_task");
  });

  test("is refused after a takeover", () => {
    const scene = queue("one");
    scene.grant(ana, claim("T1", { with: [file("src/")] }));
    scene.later(16 * MINUTE);
    scene.grant(bob, claim("T1"));
    expect(scene.refused(ana, end("T1"), "lost")).toMatchObject({ resource: task("T001"), now: { holder: "bob" } });
  });
});

describe("a finished task", () => {
  test("says who finished it, when, and with which note", () => {
    const scene = queue("one");
    scene.grant(ana, claim("T1"));
    scene.later(MINUTE + 250);
    const { task: done } = scene.grant(ana, complete("T1", "see PR 7"));
    expect(done).toMatchObject({
      state: "done",
      completedBy: "ana",
      completedAt: START + MINUTE,
      note: "see PR 7",
      claimedBy: null,
      fence: null,
    });
  });

  test("is already so for who finished it, and refused to others", () => {
    const scene = queue("one");
    scene.grant(ana, claim("T1"));
    scene.grant(ana, complete("T1"));
    expect(scene.unchanged(ana, complete("t1")).task.completedBy).toBe("ana");
    scene.refused(bob, complete("T1"), "task_finished");
    scene.refused(bob, release("T1"), "lost");
  });

  test("stands first among the finished ones, and those beyond the bound leave for the archive together", () => {
    const scene = queue("one", "two", "three", "four", "five");
    const finish = (id: string) => {
      scene.grant(ana, claim(id));
      return scene.granted(ana, complete(id));
    };
    for (const id of ["T1", "T2", "T3"]) expect(finish(id).archived).toEqual([]);
    scene.grant(bob, set("Completed shown", "2"));
    expect(finish("T5").archived.map(({ id }) => id)).toEqual(["T002", "T001"]);
    expect(finish("T4").archived.map(({ id }) => id)).toEqual(["T003"]);
    expect(scene.board.tasks.map(({ id }) => id)).toEqual(["T004", "T005"]);
    for (const id of ["T1", "T2", "T3"]) scene.refused(bob, claim(id), "task_archived");
  });

  test("in the archive is still known: its id is not used again, and what comes after it is ready", () => {
    const scene = queue("one", "two");
    scene.grant(bob, set("Completed shown", "1"));
    for (const id of ["T1", "T2"]) {
      scene.grant(ana, claim(id));
      scene.grant(ana, complete(id));
    }
    expect(scene.task("T001")).toBeUndefined();
    expect(scene.grant(ana, add("three", { after: ["T1", "T2"] })).task).toMatchObject({
      id: "T003",
      after: ["T1", "T002"],
    });
    expect(readyIds(scene)).toEqual(["T003"]);
    scene.refused(ana, add("again", { id: "t01" }), "task_exists");
    for (const operation of [claim("T1"), complete("T1"), release("T1")])
      scene.refused(ana, operation, "task_archived");
    expect(isTaskId(scene.board, "t001")).toBe(true);
    expect(isTaskId(scene.board, "T4")).toBe(false);
  });

  test("keeps its number when everything is archived and the board is empty", () => {
    const scene = new Scene({ ...EMPTY_BOARD, settings: [{ name: "Archived tasks", value: "T1 to T150, T153" }] });
    expect(scene.grant(ana, add("next")).task.id).toBe("T154");
  });

  test("in a hand-written After counts by its id, and an id that nobody knows blocks", () => {
    const scene = new Scene({ ...EMPTY_BOARD, settings: [{ name: "Archived tasks", value: "T1" }] });
    scene.grant(ana, add("two"));
    scene.board = { ...scene.board, tasks: scene.board.tasks.map((each) => ({ ...each, after: ["t001", "T99"] })) };
    expect(scene.refused(ana, claim("T2"), "task_blocked").waitsFor).toEqual(["T99"]);
  });
});

describe("who works on a task", () => {
  const leaseOn = (id: string, holder: string): Lease => ({ ...HELD, resource: task(id), holder });

  test("is found by its lease, however the id is spelt there, and the first one when several say so", () => {
    const leases = [{ ...HELD, resource: lock("T1") }, leaseOn("t1", "ana"), leaseOn("T001", "bob")];
    expect(taskLease({ ...EMPTY_BOARD, leases }, "T01")).toBe(leases[1]);
    expect(taskLease({ ...EMPTY_BOARD, leases }, "T2")).toBeUndefined();
    expect(taskLease({ ...EMPTY_BOARD, leases: leases.slice(2) }, "T01")).toBe(leases[2]);
  });

  test("is asked of every task of a board without going through all leases each time", () => {
    const scene = queue("one", ...Array.from({ length: 99 }, () => "more"));
    scene.grant(ana, claim("T1"));
    let looks = 0;
    const watched = (lease: Lease): Lease =>
      Object.defineProperty({ ...lease }, "resource", {
        get: () => {
          looks += 1;
          return lease.resource;
        },
      });
    const files = Array.from({ length: 100 }, (_, at) => ({ ...HELD, resource: file(`src/${at}`) }));
    const board = { ...scene.board, leases: [...files, ...scene.board.leases].map(watched) };
    expect(board.tasks.map((each) => viewTask(board, each).claimedBy).filter((holder) => holder !== null)).toEqual([
      "ana",
    ]);
    expect(looks).toBeLessThan(5 * board.leases.length);
  });
});
