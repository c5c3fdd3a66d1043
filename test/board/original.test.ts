import { describe, expect, it } from "vitest";
import { formatBoard } from "../../src/board/index.ts";
import type { Board } from "../../src/domain/board.ts";
import { BUILD, file, task } from "../../src/domain/resource.ts";
import { boardOf, ORIGINAL_BOARD, ORIGINAL_DESCRIPTION, problemsOf, warningsOf } from "./texts.ts";

const at = (text: string) => Date.parse(text);
const BUILDER = "orch-1430-7842";

describe("a board of the original system", () => {
  const board = boardOf(ORIGINAL_BOARD);

  it("is read as it is", () => {
    expect(
      board.orchestrators.map(({ id, status, currentTask, lastSeen, session }) => [
        id,
        status,
        currentTask,
        lastSeen,
        session,
      ]),
    ).toEqual([
      [BUILDER, "Active", "T001", at("2026-01-21T14:30:00Z"), null],
      ["orch-1430-5931", "Active", null, at("2026-01-21T14:30:05Z"), null],
    ]);
    expect(board.tasks.map(({ id, state, priority, title, area }) => [id, state, priority, title, area])).toEqual([
      ["T002", "queued", 1, "Write docs", "docs"],
      ["T003", "in_progress", 2, "Fix physics", "physics"],
      ["T001", "in_progress", 3, "Build engine", null],
    ]);
    expect(board.leases).toEqual([
      { resource: task("T003"), holder: "orch-1430-5931", since: null, fence: null, expires: null, reason: null },
      {
        resource: task("T001"),
        holder: BUILDER,
        since: at("2026-01-21T14:30:00Z"),
        fence: null,
        expires: null,
        reason: null,
      },
      {
        resource: file("src/physics/collision.cpp"),
        holder: BUILDER,
        since: at("2026-01-21T14:32:00Z"),
        fence: null,
        expires: null,
        reason: null,
      },
    ]);
  });

  it("gets a column, a field or a section only when there is something to put into it", () => {
    const build = { resource: BUILD, holder: BUILDER, fence: 7, since: 0, expires: 600_000, reason: null };
    const locked: Board = { ...board, leases: [build, ...board.leases], settings: [{ name: "Strict", value: "yes" }] };
    const text = formatBoard(locked, ORIGINAL_BOARD);
    expect(text).toBe(
      ORIGINAL_BOARD.replace("| **Locked By** | none |", `| **Locked By** | ${BUILDER} |`)
        .replace("| **Locked At** | - |", "| **Locked At** | 1970-01-01T00:00:00Z |")
        .replace("| **Expires** | - |", "| **Expires** | 1970-01-01T00:10:00Z |\n| **Fence** | 7 |")
        .concat("\n## ⚙️ Settings\n\n| Setting | Value |\n|---------|-------|\n| Strict | yes |\n"),
    );
    expect(boardOf(text)).toEqual(locked);
  });

  it("gets the columns that a changed row needs, and leaves the other rows as they are", () => {
    const fenced = board.leases.map((lease) => (lease.resource.kind === "file" ? { ...lease, fence: 9 } : lease));
    const other = { resource: file("a.ts"), holder: BUILDER, fence: null, since: null, expires: null, reason: null };
    const before = formatBoard({ ...board, leases: [...board.leases, other] }, ORIGINAL_BOARD);
    const text = formatBoard({ ...board, leases: [...fenced, other] }, before);
    expect(text.slice(text.indexOf("| File Path"))).toBe(
      [
        "| File Path | Locked By | Since | Fence |",
        "|-----------|-----------|-------|-------|",
        `| src/physics/collision.cpp | ${BUILDER} | 2026-01-21T14:32:00Z | 9 |`,
        `| a.ts | ${BUILDER} | - |`,
        "",
      ].join("\n"),
    );
  });

  it("keeps a task that was claimed in the queue there until something about it changes", () => {
    const noted = { ...board, settings: [{ name: "Strict", value: "no" }] };
    expect(formatBoard(noted, ORIGINAL_BOARD)).toContain(
      "| T003 | 2 | Fix physics | physics | orch-1430-5931 |\n\n## 🔄",
    );
    const started = {
      ...board,
      leases: board.leases.map((lease) => (lease.since === null ? { ...lease, since: 0 } : lease)),
    };
    const text = formatBoard(started, ORIGINAL_BOARD);
    expect(text.match(/T003/g)).toHaveLength(1);
    expect(boardOf(text).leases).toContainEqual(expect.objectContaining({ resource: task("T003"), since: 0 }));
  });

  it("has a free build lock once somebody wrote none, whatever is left beside it", () => {
    const crashed = ORIGINAL_BOARD.replace("| **Locked At** | - |", "| **Locked At** | 2026-01-21T14:30:00Z |").replace(
      "| **Expires** | - |",
      "| **Expires** | soon |",
    );
    expect(boardOf(crashed).leases.filter(({ resource }) => resource.kind === "lock")).toEqual([]);
    const noted = { ...board, settings: [{ name: "Strict", value: "no" }] };
    expect(formatBoard(noted, crashed).startsWith(crashed)).toBe(true);
    const build = { resource: BUILD, holder: "ana", fence: 1, since: null, expires: null, reason: null };
    const text = formatBoard({ ...board, leases: [...board.leases, build] }, crashed);
    expect(boardOf(text).leases).toContainEqual(build);
  });

  it("counts a task once that was claimed and then moved without removing the old row", () => {
    const twice = ORIGINAL_BOARD.replace(
      "| T003 | 2 | Fix physics | physics | orch-1430-5931 |",
      `| t1 | 2 | Build | x | ${BUILDER} |`,
    );
    expect(warningsOf(twice)).toEqual(["28 task_listed_twice"]);
    const read = boardOf(twice);
    expect(read.tasks.map(({ id }) => id)).toEqual(["T002", "T001"]);
    const unrelated = { ...read, settings: [{ name: "Strict", value: "no" }] };
    expect(formatBoard(unrelated, twice)).toContain("| t1 | 2 |");

    const released: Board = {
      ...read,
      leases: read.leases.filter(({ resource }) => resource.kind !== "task"),
      tasks: read.tasks.map((each) => ({ ...each, state: "queued" })),
    };
    const text = formatBoard(released, twice);
    expect(boardOf(text)).toEqual(released);
    const taken = read.leases.map((lease) => (lease.holder === BUILDER ? { ...lease, holder: "ana" } : lease));
    expect(boardOf(formatBoard({ ...read, leases: taken }, twice))).toEqual({ ...read, leases: taken });
    expect(problemsOf(twice.replace(`x | ${BUILDER}`, "x | somebody-else"))).toEqual(["28 duplicate_task"]);
    expect(problemsOf(twice.replace(`x | ${BUILDER}`, "x | -"))).toEqual(["28 duplicate_task"]);
  });
});

describe("the description of the original system", () => {
  it("is a readable board: two tables with notes glued to their rows", () => {
    const { leases, ...rest } = boardOf(ORIGINAL_DESCRIPTION);
    expect(Object.values(rest).flat()).toEqual([]);
    expect(leases.map(({ resource, holder, expires }) => [resource, holder, expires])).toEqual([
      [BUILD, BUILDER, at("2026-01-21T14:40:00Z")],
      [file("src/physics/collision.cpp"), BUILDER, null],
    ]);
  });

  it("keeps the glued notes when cells and columns are written before them", () => {
    const board = boardOf(ORIGINAL_DESCRIPTION);
    const leases = board.leases.map((lease) => ({ ...lease, expires: 0, fence: 3 }));
    const text = formatBoard({ ...board, leases }, ORIGINAL_DESCRIPTION);
    expect(text).toContain(
      "| **Expires** | 1970-01-01T00:00:00Z |- Only one orchestrator builds at a time\n| **Fence** | 3 |\n",
    );
    expect(text).toContain("| 2026-01-21T14:32:00Z | 1970-01-01T00:00:00Z | 3 |- Lock before editing source files\n");
    expect(boardOf(text)).toEqual({ ...board, leases });
  });

  it("keeps the note of a changed row that has nothing to say in a new column", () => {
    const board = boardOf(ORIGINAL_DESCRIPTION);
    const added = { resource: file("a.ts"), holder: "ana", fence: 5, since: null, expires: null, reason: null };
    const leases = [...board.leases.map((lease) => ({ ...lease, since: 0 })), added];
    const text = formatBoard({ ...board, leases }, ORIGINAL_DESCRIPTION);
    expect(text).toContain(`| ${BUILDER} | 1970-01-01T00:00:00Z | - |- Lock before editing source files\n`);
    expect(boardOf(text)).toEqual({ ...board, leases });
  });

  it("keeps the note of a row that does not change when a column comes in before it", () => {
    const board = boardOf(ORIGINAL_DESCRIPTION);
    const added = { resource: file("a.ts"), holder: "ana", fence: 5, since: null, expires: null, reason: null };
    const text = formatBoard({ ...board, leases: [...board.leases, added] }, ORIGINAL_DESCRIPTION);
    expect(text).toContain("| 2026-01-21T14:32:00Z | - |- Lock before editing source files\n| a.ts | ana | - | 5 |\n");
  });
});
