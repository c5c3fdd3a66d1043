import { describe, expect, it } from "vitest";
import { formatBoard, parseBoard } from "../../src/board/index.ts";
import { EMPTY_BOARD } from "../../src/domain/board.ts";
import { file, lock, task } from "../../src/domain/resource.ts";
import { boardOf, problemsOf, TEMPLATE, warningsOf } from "./texts.ts";

const queue = (table: string) =>
  boardOf(`## Task Queue\n\n${table}\n`).tasks.map(({ id, title, priority }) => [id, title, priority]);

describe("a board's text", () => {
  it("is the template when nothing is on it", () => {
    expect(parseBoard(TEMPLATE)).toEqual({ ok: true, board: EMPTY_BOARD, warnings: [] });
    expect(TEMPLATE).toContain("<!-- git-coord board format 1 -->");
  });

  it.each([
    "## Task Queue",
    "##   📋 TASK-QUEUE  ##",
    "## **Task Queue**",
    "## 2. Task queue",
    "Task Queue\n----------",
    "## `task_queue`:",
  ])("is found by its headings: %s", (heading) => {
    expect(boardOf(`${heading}\n| ID |\n|---|\n| T1 |\n`).tasks).toHaveLength(1);
  });

  it("has its columns in any order, by name or by an older name, with or without outer pipes", () => {
    const expected = [["T1", "Do it", 2]];
    expect(queue("| ID | Priority | Task |\n|---|---|---|\n| T1 | 2 | Do it |")).toEqual(expected);
    expect(queue("| **Title** | team | P | `id` |\n|---|---|---|---|\n| Do it | red | P2 | **T1** |")).toEqual(
      expected,
    );
    expect(queue("id | description | prio\n-- | :-: | --\nT1 | Do it | 2")).toEqual(expected);
    expect(queue("| ID | Priority | Task | Description |\n|---|---|---|---|\n| T1 | 2 | Do it | not this |")).toEqual(
      expected,
    );
    expect(queue("  | ID | Task |\n  |---|---|\n  | `T1` | Do it |")).toEqual([["T1", "Do it", 3]]);
  });

  it("may have rows that are too short or too long, and rows only for the eye", () => {
    const rows = [
      "| T1 |",
      "| T2 | 1 | a | b | c | d | e | f |",
      "| - | - | - |",
      "|  |",
      "| *(none)* | | |",
      "| --- | --- |",
    ];
    expect(queue(`| ID | Priority | Task |\n|---|---|---|\n${rows.join("\n")}`)).toEqual([
      ["T1", "", 3],
      ["T2", "a", 1],
    ]);
  });

  it("has times, paths and resources as people write them", () => {
    const board = boardOf(
      [
        "## File Locks\n| Path | Holder | Locked At |\n|---|---|---|\n| `./src//a.ts` | **ana** | 2026-01-21 14:30 |\n| src\\lib\\ | ben | - |\n| free.ts | none | whenever |",
        "## Waiting\n| Resource | Orchestrator | Since |\n|---|---|---|\n| gpu | ana | - |\n| task:T1 | ana | - |\n| file:a b | ana | 2026-01-21T14:30:00+01:00 |\n",
      ].join("\n\n"),
    );
    expect(board.leases.map(({ resource, holder, since }) => [resource, holder, since])).toEqual([
      [file("src/a.ts"), "ana", Date.UTC(2026, 0, 21, 14, 30)],
      [file("src/lib/"), "ben", null],
    ]);
    expect(board.waiters.map(({ resource, since }) => [resource, since])).toEqual([
      [lock("gpu"), null],
      [task("T1"), null],
      [file("a b"), Date.UTC(2026, 0, 21, 13, 30)],
    ]);
  });

  it("has dependencies separated by commas or spaces", () => {
    const text = "## Task Queue\n| ID | After |\n|---|---|\n| T3 | T1, T2 |\n| T4 | T1 `T2` |\n| T5 | none |\n";
    expect(boardOf(text).tasks.map(({ after }) => after)).toEqual([["T1", "T2"], ["T1", "T2"], []]);
  });

  it("has settings whose value is nothing: in every spelling of an empty cell, none first of all", () => {
    const table = (values: readonly string[]) =>
      ["## Settings\n\n| Setting | Value |\n|---|---|", ...values.map((each, at) => `| S${at} | ${each} |`)].join("\n");
    const said = boardOf(table(["none", "None", "-", "", "&#x6E;one", "6/min"]));
    expect(said.settings.map(({ value }) => value)).toEqual(["", "", "", "", "none", "6/min"]);
    expect(formatBoard({ ...EMPTY_BOARD, settings: [{ name: "Push budget", value: "" }] }, TEMPLATE)).toContain(
      "| Push budget | none |\n",
    );
  });

  it("has no section in a code block, a comment, a quotation or under another level of heading", () => {
    const rows = "| ID |\n|---|\n| T9 |";
    const hidden = [
      `\`\`\`\n## Waiting\n${rows}\n\`\`\``,
      `<!--\n## Completed\n${rows}\n-->`,
      `> ## In Progress\n> ${rows}`,
      `### File Locks\n\n${rows}`,
      `- \`\`\`\n  ## Settings\n  \`\`\``,
    ];
    const text = `${hidden.join("\n\n")}\n\n## Task Queue\n\n| ID |\n|---|\n| T1 |\n`;
    expect(boardOf(text).tasks.map(({ id }) => id)).toEqual(["T1"]);
    expect(warningsOf(text)).toEqual([
      "2 hidden_section",
      "9 hidden_section",
      "20 hidden_section",
      "27 hidden_section",
    ]);
  });

  it("may have tags among its text: a paragraph with a tag hides no heading, a tag on its own does until an empty line", () => {
    expect(boardOf("text\n<b>\n## Task Queue\n| ID |\n|---|\n| T1 |\n").tasks).toHaveLength(1);
    expect(warningsOf("## Settings\n\n<b>\n## Task Queue\n\nmore\n")).toEqual(["4 hidden_section"]);
  });

  it("may have text about tables in its sections; lines that look like rows are pointed out", () => {
    expect(warningsOf("## Task Queue\n\n| a lone line\n\n| ID |\n|---|\n| T1 |\n\nSome text\n| more |\n")).toEqual([
      "3 stray_row",
      "10 stray_row",
    ]);
    expect(problemsOf("## Task Queue\n\nUse a | b for both.\n\n---\n")).toEqual([]);
  });

  it("may be underlined as a heading, also with seven signs", () => {
    expect(problemsOf("Board 1\n=======\n\n## Task Queue\n")).toEqual([]);
  });
});
