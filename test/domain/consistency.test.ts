import { describe, expect, test } from "vitest";
import { type Board, EMPTY_BOARD, type Lease, type Task } from "../../src/domain/board.ts";
import { boardChanges } from "../../src/domain/changes.ts";
import { contradictions } from "../../src/domain/consistency.ts";
import { BUILD, file, lock, type Resource, task } from "../../src/domain/resource.ts";

const lease = (resource: Resource, holder: string, more: Partial<Lease> = {}): Lease => ({
  ...{ resource, holder, fence: null, since: null, expires: null, reason: null },
  ...more,
});
const aTask = (id: string, state: Task["state"]): Task => ({
  ...{ id, title: id, state, priority: null, area: null, after: [], completedBy: null, completedAt: null, note: null },
});
const codes = (board: Partial<Board>, seq = 9) =>
  contradictions({ ...EMPTY_BOARD, ...board }, seq).map(({ code }) => code);

describe("a board contradicts itself", () => {
  test.each<[string, string, Partial<Board>]>([
    ["with two holders of one lock", "two_holders", { leases: [lease(BUILD, "ana"), lease(lock("Build"), "bob")] }],
    [
      "with more holders than slots",
      "two_holders",
      { locks: [{ name: "gpu", slots: 1 }], leases: [lease(lock("gpu"), "ana"), lease(lock("gpu"), "bob")] },
    ],
    [
      "with two holders of nested paths",
      "two_holders",
      { leases: [lease(file("src/"), "ana"), lease(file("SRC/a/b"), "bob")] },
    ],
    [
      "with nested paths behind a name that sorts between them",
      "two_holders",
      { leases: [lease(file("a"), "ana"), lease(file("a!"), "eve"), lease(file("a/b"), "bob")] },
    ],
    [
      "with a lease on a task that waits",
      "stray_task_lease",
      { tasks: [aTask("T1", "queued")], leases: [lease(task("T1"), "ana")] },
    ],
    [
      "with a lease on a finished task",
      "stray_task_lease",
      { tasks: [aTask("T1", "done")], leases: [lease(task("t01"), "ana")] },
    ],
    ["with a lease on a task that is not there", "stray_task_lease", { leases: [lease(task("T1"), "ana")] }],
    ["with a task in progress that nobody holds", "nobody_in_progress", { tasks: [aTask("T1", "in_progress")] }],
    ["with a fence that is still to come", "future_fence", { leases: [lease(BUILD, "ana", { fence: 10 })] }],
    ["with a setting that cannot be read", "bad_setting", { settings: [{ name: "lock TIME", value: "soon" }] }],
    ["with a lock's rule that is empty", "bad_setting", { settings: [{ name: "lock:gpu", value: "" }] }],
    [
      "with archived ids that cannot be read",
      "bad_setting",
      { settings: [{ name: "Archived tasks", value: "T9 to T1" }] },
    ],
  ])("%s", (_, code, board) => {
    expect(codes(board)).toEqual([code]);
  });

  test.each<[string, Partial<Board>]>([
    ["when it is empty", {}],
    ["with one holder of nested paths", { leases: [lease(file("src/"), "ana"), lease(file("src/a"), "Ana")] }],
    [
      "with as many holders as slots",
      { locks: [{ name: "GPU", slots: 2 }], leases: [lease(lock("gpu"), "ana"), lease(lock("gpu"), "bob")] },
    ],
    ["with a fence of this commit", { leases: [lease(BUILD, "ana", { fence: 9 })] }],
    ["with neighbours in one directory", { leases: [lease(file("a/b"), "ana"), lease(file("a/bc"), "bob")] }],
    [
      "with settings whose cells are empty",
      { settings: ["Push budget", "Clock trust", "Lock time", "Archived tasks"].map((name) => ({ name, value: "" })) },
    ],
    ["with a setting that only people know", { settings: [{ name: "House rule", value: "be kind" }] }],
    ["with a task and its holder", { tasks: [aTask("T1", "in_progress")], leases: [lease(task("T1"), "ana")] }],
  ])("but not %s", (_, board) => {
    expect(codes(board)).toEqual([]);
  });

  test("and says so with the names of those concerned", () => {
    const [problem] = contradictions({ ...EMPTY_BOARD, leases: [lease(BUILD, "ana"), lease(BUILD, "bob")] }, 1);
    expect(problem?.message).toBe("lock:build has 1 slot(s) but is held by ana, bob");
  });
});

describe("what a hand edit did", () => {
  const before: Board = {
    ...EMPTY_BOARD,
    tasks: [aTask("T1", "queued"), aTask("T2", "queued")],
    leases: [lease(BUILD, "ana")],
  };

  test("is told row by row, by meaning and not by spelling", () => {
    const after: Board = {
      ...before,
      tasks: [{ ...aTask("t2", "queued"), title: "better" }, aTask("T3", "queued")],
      leases: [lease(BUILD, "bob")],
      settings: [{ name: "Strict", value: "yes" }],
    };
    expect(boardChanges(before, after).map(({ change, what, name }) => `${change} ${what} ${name}`)).toEqual([
      "removed task T1",
      "changed task t2",
      "added task T3",
      "removed lease lock:build ana",
      "added lease lock:build bob",
      "added setting Strict",
    ]);
  });

  test("is nothing when only the order of rows changed", () => {
    expect(boardChanges(before, { ...before, tasks: [...before.tasks].reverse() })).toEqual([]);
  });
});
