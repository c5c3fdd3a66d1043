import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBoard } from "../../src/board/index.ts";
import type { Board, Task } from "../../src/domain/board.ts";
import { lock, task } from "../../src/domain/resource.ts";
import { board as anyBoard, asSets } from "./arbitraries.ts";
import { boardOf, TEMPLATE } from "./texts.ts";

const BOARD = `Words before everything.

# Our board

## 📋 Task Queue

Take the first one.

|   ID | Team |Priority| Task          | Area | Claimed By |
|:----:|------|-------:|---------------|:----|---|
|  T1  | red  |   2    | Fix \\*this\\*  | x    | -          |
| T2 | blue | 1 | Other | y | - |
 T3 | green | 3 | No pipes | z | -

Words behind it, with a | pipe.

## Decisions

| ID | Choice |
|----|--------|
| T1 | not a task |

## 🔄 In Progress

| ID | Claimed By |
|----|------------|

The end.`;

const lease = (id: string) => ({
  resource: task(id),
  holder: "ana",
  fence: 4,
  since: null,
  expires: null,
  reason: null,
});
const start = (board: Board, id: string): Board => ({
  ...board,
  tasks: board.tasks.map((each): Task => (each.id === id ? { ...each, state: "in_progress" } : each)),
  leases: [...board.leases, lease(id)],
});
const retitle = (board: Board, id: string, title: string): Board => ({
  ...board,
  tasks: board.tasks.map((each) => (each.id === id ? { ...each, title } : each)),
});

describe("writing into a text that people have shaped", { timeout: 60_000 }, () => {
  it("changes one cell and nothing around it", () => {
    expect(formatBoard(retitle(boardOf(BOARD), "T1", "New"), BOARD)).toBe(BOARD.replace("Fix \\*this\\*", "New"));
    expect(formatBoard(retitle(boardOf(BOARD), "T2", "-"), BOARD)).toBe(BOARD.replace("Other", "\\-"));
  });

  it("leaves the spelling of cells and rows alone that say what they should", () => {
    const text = [
      "## Build Lock\n\n| Field | Value |\n|--|--|\n| Locked By | `ana` |\n| Locked At | 2026-01-21 14:30 |\n| Expires | - |\n\n",
      "## Task Queue\n\n| ID | Task | Claimed By | After |\n|--|--|--|--|\n| T1 | x | - | - |\n| T2 | y | **ana** | T1 |\n",
    ].join("");
    const board = boardOf(text);
    const leases = board.leases.map((each) => (each.resource.kind === "lock" ? { ...each, expires: 0 } : each));
    expect(formatBoard({ ...retitle(board, "T1", "New"), leases }, text)).toBe(
      text.replace("| Expires | - |", "| Expires | 1970-01-01T00:00:00Z |").replace("| T1 | x |", "| T1 | New |"),
    );
  });

  it("fills a blank cell, and cells that the row does not have yet", () => {
    const text = "## Task Queue\n\n| ID | Task | Team | Area |\n|--|--|--|--|\n| T1 |  |\n| T2 |||\n";
    const board = boardOf(text);
    const tasks = board.tasks.map((each) => ({ ...each, title: "New", area: "x" }));
    expect(formatBoard({ ...board, tasks }, text)).toBe(
      text.replace("| T1 |  |", "| T1 | New |  | x |").replace("| T2 |||", "| T2 | New || x |"),
    );
  });

  it("gives a row without a pipe in front one when it changes, so that it stays a row", () => {
    expect(formatBoard(retitle(boardOf(BOARD), "T3", "- x"), BOARD)).toContain("\n| T3 | green | 3 | - x | z | -\n");
  });

  it("moves a task by removing its row here and inserting it there", () => {
    const text = formatBoard(start(boardOf(BOARD), "T2"), BOARD);
    expect(text).toBe(
      BOARD.replace("| T2 | blue | 1 | Other | y | - |\n", "").replace(
        "| ID | Claimed By |\n|----|------------|\n",
        [
          "| ID | Claimed By | Priority | Task | Area | Fence |\n",
          "|----|------------|----------|------|------|-------|\n",
          "| T2 | ana | 1 | Other | y | 4 |\n",
        ].join(""),
      ),
    );
    const back = formatBoard(boardOf(BOARD), text);
    expect(boardOf(back)).toEqual(boardOf(BOARD));
    expect(back).toContain("| T2 | - | 1 | Other | y | - |\n");
  });

  it("inserts a row behind its predecessor, or first", () => {
    const board = boardOf(BOARD);
    const fresh: Task = { ...(board.tasks[0] as Task), id: "T9", title: "Fresh", area: null };
    const put = (index: number) => formatBoard({ ...board, tasks: board.tasks.toSpliced(index, 0, fresh) }, BOARD);
    const row = "| T9 | - | 2 | Fresh | - | - |\n";
    expect(put(0)).toBe(BOARD.replace("|  T1 ", `${row}|  T1 `));
    expect(put(2)).toBe(BOARD.replace(" T3 |", `${row} T3 |`));
    expect(put(3)).toBe(BOARD.replace("\n\nWords behind", `\n${row}\nWords behind`));
  });

  it("keeps line endings, a byte order mark and a missing last line ending", () => {
    const changes = (text: string) => formatBoard(start(retitle(boardOf(text), "T1", "New"), "T3"), text);
    const windows = `\ufeff${BOARD.replaceAll("\n", "\r\n")}`;
    expect(changes(windows)).toBe(`\ufeff${changes(BOARD).replaceAll("\n", "\r\n")}`);
    expect(changes(BOARD).endsWith("The end.")).toBe(true);
    const short = "## Settings\n| Setting | Value |\n|--|--|\n| a | b |";
    expect(
      formatBoard(
        {
          ...boardOf(short),
          settings: [
            { name: "a", value: "b" },
            { name: "c", value: "d" },
          ],
        },
        short,
      ),
    ).toBe(`${short}\n| c | d |`);
    expect(formatBoard({ ...boardOf(short), settings: [] }, short)).toBe("## Settings\n| Setting | Value |\n|--|--|");
  });

  it("adds a missing section in its place, with its table", () => {
    const text = "# Board\n\n## Task Queue\n\nNothing yet.\n\n## Settings\n\n## Notes\n";
    const board = {
      ...boardOf(text),
      ...start({ ...boardOf(BOARD), settings: [{ name: "Strict", value: "no" }] }, "T1"),
    };
    const written = formatBoard(board, text);
    expect(written.match(/^## .*/gm)).toEqual(["## Task Queue", "## 🔄 In Progress", "## Settings", "## Notes"]);
    expect(written).toContain("## Task Queue\n\n| ID | Priority |");
    expect(written).toContain("| T3 | 3 | No pipes | z | - | - | - |\n\nNothing yet.\n\n## 🔄 In Progress\n\n| ID |");
    expect(written).toContain("## Settings\n\n| Setting | Value |\n|---------|-------|\n| Strict | no |\n\n## Notes\n");
    expect(asSets(boardOf(written))).toEqual(asSets(board));
  });

  it("leaves prose, unknown sections, comments and code untouched, whatever is written", () => {
    const islands = [
      "<!-- ## Settings\n| a | b | -->",
      "Text | with a pipe",
      "## Unknown\n\n| ID | x |\n|---|---|\n| T1 | y |",
      "```\n## File Locks\n```",
    ];
    fc.assert(
      fc.property(anyBoard, anyBoard, (before, after) => {
        const text = formatBoard(
          before,
          TEMPLATE.replace("## 📋 Task Queue\n", `## 📋 Task Queue\n\n${islands[1]}\n`).replace(
            "## ⚙️",
            `${islands[2]}\n\n${islands[0]}\n\n${islands[3]}\n\n## ⚙️`,
          ),
        );
        const written = formatBoard(after, text);
        for (const island of islands) expect(written).toContain(`\n${island}\n`);
        expect(asSets(boardOf(written))).toEqual(asSets(after));
      }),
      { numRuns: 40 },
    );
  });
});

describe("the rows of named locks", () => {
  const table = (...rows: string[]) =>
    `## Named Locks\n\n| Lock | Slots | Locked By |\n|---|---|---|\n${rows.map((row) => `${row}\n`).join("")}`;
  const held = (name: string, holder: string) => ({
    resource: lock(name),
    holder,
    fence: null,
    since: null,
    expires: null,
    reason: null,
  });

  it("show a declared lock once when it is free, and once for each holder", () => {
    const free = table("| gpu | 2 | none |");
    const board = boardOf(free);
    expect(board.locks).toEqual([{ name: "gpu", slots: 2 }]);
    const one = { ...board, leases: [held("gpu", "ana")] };
    const two = { ...board, leases: [held("gpu", "ana"), held("gpu", "ben")] };
    expect(formatBoard(one, free)).toBe(table("| gpu | 2 | ana |"));
    expect(formatBoard(two, free)).toBe(table("| gpu | 2 | ana |", "| gpu | 2 | ben |"));
    expect(formatBoard({ ...one, leases: [held("gpu", "ben")] }, formatBoard(two, free))).toBe(
      table("| gpu | 2 | ben |"),
    );
    expect(formatBoard(board, formatBoard(one, free))).toBe(free);
  });

  it("may show every free slot; those rows follow the declaration", () => {
    const shown = table("| GPU | 3 | ana |", "| gpu | 3 | none |", "| gpu | - | - |");
    const board = boardOf(shown);
    expect(board).toMatchObject({ locks: [{ name: "GPU", slots: 3 }], leases: [held("GPU", "ana")] });
    const fewer = { ...board, locks: [{ name: "GPU", slots: 2 }] };
    expect(formatBoard(fewer, shown)).toBe(table("| GPU | 2 | ana |", "| gpu | - | - |"));
    const other = { ...board, leases: [...board.leases, held("db", "ana")] };
    expect(formatBoard(other, shown)).toBe(
      table("| GPU | 3 | ana |", "| db | - | ana |", "| gpu | 3 | none |", "| gpu | - | - |"),
    );
    const second = { ...board, leases: [...board.leases, held("GPU", "ben")] };
    expect(formatBoard(second, shown)).toBe(table("| GPU | 3 | ana |", "| GPU | 3 | ben |", "| gpu | - | - |"));
    const gone = { ...board, locks: [], leases: [] };
    expect(boardOf(formatBoard(gone, shown))).toEqual(gone);
  });

  it("disappear with an undeclared lock", () => {
    const text = table("| db | - | ana |");
    expect(boardOf(text)).toMatchObject({ locks: [], leases: [held("db", "ana")] });
    expect(formatBoard({ ...boardOf(text), leases: [] }, text)).toBe(table());
  });

  it("hold the further leases on the build lock; the first stands in its own section", () => {
    const board = boardOf(TEMPLATE);
    const leases = [held("build", "ana"), held("build", "ben")];
    const text = formatBoard({ ...board, leases, locks: [{ name: "build", slots: 2 }] }, TEMPLATE);
    expect(text).toContain("| **Locked By** | ana |");
    expect(text).toContain("| build | 2 | ben |");
    const moved = text.replace("| **Locked By** | ana |", "| **Locked By** | none |");
    expect(formatBoard(boardOf(moved), moved)).toBe(moved);
    const left = { ...boardOf(text), leases: [held("build", "ben")] };
    expect(formatBoard(left, text)).toContain("| **Locked By** | ben |");
    expect(boardOf(formatBoard(left, text))).toEqual(left);
  });
});
