import { describe, expect, it } from "vitest";
import { formatBoard, parseBoard } from "../../src/board/index.ts";
import { boardOf, TEMPLATE } from "./texts.ts";

/**
 * Input that makes markdown parsers slow or deep. Each is answered within the time limit of a test, in
 * every place of a section; what the answer is matters less than that it comes.
 */
/** Milliseconds: each takes well under a second alone, where remark by itself takes half a minute. */
const PATIENCE = 10_000;

const HOSTILE: readonly (readonly [string, string])[] = [
  ["64 KiB of emphasis", "*a_ ".repeat(16 * 1024)],
  ["short lines of emphasis", `${"*a_ ".repeat(16)}\n`.repeat(1024)],
  ["64 KiB of opened comments", "a <!--".repeat(11_000)],
  ["opened comments, a line each", "a <!--\n".repeat(11_000)],
  ["800 nested lists", Array.from({ length: 800 }, (_, depth) => `${"  ".repeat(depth)}- x`).join("\n")],
  ["800 lists on one line", `${"- ".repeat(800)}x`],
  ["8 KiB of quotation marks", ">".repeat(8 * 1024)],
  ["nested containers, over and over", `${"- > ".repeat(8)}x\n${"> 1. ".repeat(8)}x\n`.repeat(500)],
  ["a line of 1 MiB", "x".repeat(1 << 20)],
  ["a row of 300,000 cells", "| a ".repeat(300_000)],
  ["30,000 delimiter rows", "|---|\n".repeat(30_000)],
  ["10,000 rows without outer pipes", "a | b\n".repeat(10_000)],
  ["30,000 rows of one cell", "| x |\n".repeat(30_000)],
  ["200,000 empty lines", "\n".repeat(199_900)],
  ["more lines than are read", "\n".repeat(200_001)],
  ["more text than is read", "x\n".repeat((8 << 20) + 1)],
  ["many short tables", "a|b\n-|-\n\n".repeat(1000)],
  ["opened links", "[a](".repeat(3000)],
  ["opened code spans", "`a``b```".repeat(1500)],
  ["backslashes", "\\".repeat(15_000)],
  ["spaces and dashes", `${" ".repeat(15_000)}x\n${"-".repeat(15_000)}x\n`],
  ["half a megabyte of unclosed tags", "<a b='".repeat(90_000)],
  ["headings", "## x\n".repeat(40_000)],
];

const PLACES: readonly (readonly [string, string])[] = [
  ["on its own", ""],
  ["under a heading", "## Task Queue\n"],
  ["in a row", "## Task Queue\n\n| ID | Task |\n|---|---|\n| T1 | "],
  ["under a table", "## Task Queue\n\n| ID | Task |\n|---|---|\n| T1 | x |\n"],
  ["after a table", "## Task Queue\n\n| ID | Task |\n|---|---|\n| T1 | x |\n\n"],
];

describe.each(PLACES)("hostile text %s", (_, before) => {
  it.each(HOSTILE)("%s is answered", { timeout: PATIENCE }, (_name, text) => {
    const reading = parseBoard(before + text);
    if (before === "") expect(reading.ok).toBe(false);
    if (!reading.ok) expect(reading.problems[0]?.message).toMatch(/\w/);
  });
});

describe("a large board", () => {
  const rows = Array.from(
    { length: 10_000 },
    (_, index) => `| T${index + 1} | 3 | Task ${index} \\| part | area | - | - |\n`,
  );
  const head = "|----|----------|------|------|------------|-------|\n";
  const large = TEMPLATE.replace(head, head + rows.join(""));
  const change = (text: string) => {
    const board = boardOf(text);
    const tasks = board.tasks.map((task) => (task.id === "T5000" ? { ...task, title: "Changed" } : task));
    return formatBoard({ ...board, tasks }, text);
  };

  // Compared as truth values: the difference of two such texts would take longer to show than to find.
  it("of 10,000 tasks is read, and written with one changed row", { timeout: 5000 }, () => {
    expect(change(large) === large.replace("Task 4999 \\| part", "Changed")).toBe(true);
  });

  it("is read by the reference too, when one row is not as the program writes it", { timeout: 5000 }, () => {
    const shaped = large.replace("| T77 | 3 | Task 76 \\| part | area | - | - |", " T77 | 3 | Task 76");
    expect(change(shaped) === shaped.replace("Task 4999 \\| part", "Changed")).toBe(true);
  });

  it("may hold values of 4096 characters that all need escapes", { timeout: PATIENCE }, () => {
    const value = "\u202e".repeat(4096);
    const board = { ...boardOf(TEMPLATE), settings: [{ name: value, value }] };
    expect(boardOf(formatBoard(board, TEMPLATE))).toEqual(board);
  });
});
