import { describe, expect, it } from "vitest";
import { parseBoard } from "../../src/board/index.ts";
import { ORIGINAL_BOARD, problemsOf, TEMPLATE } from "./texts.ts";

/** A section with a table, from its heading in line 1 to its first row in line 4. */
const section = (heading: string, columns: string, ...rows: string[]) =>
  [
    `## ${heading}`,
    `| ${columns} |`,
    `|${columns
      .split("|")
      .map(() => "---")
      .join("|")}|`,
    ...rows.map((row) => `| ${row} |`),
    "",
  ].join("\n");
const queue = (...rows: string[]) => section("Task Queue", "ID | Priority | Task | Claimed By | After", ...rows);
const progress = (...rows: string[]) => section("In Progress", "ID | Claimed By | Since | Fence", ...rows);
const files = (...rows: string[]) => section("File Locks", "File Path | Locked By | Since", ...rows);
const locks = (...rows: string[]) => section("Named Locks", "Lock | Slots | Locked By", ...rows);

describe("a text that is not a board", () => {
  it.each([
    ["", "- not_a_board"],
    ["# Notes\n\n| a | b |\n|---|---|\n", "- not_a_board"],
    ["## Task Queue\n\0", "2 nul_character"],
    ["## Task Queue\n\ud800", "- invalid_text"],
    [TEMPLATE.replace("format 1", "format 2"), "- format_too_new"],
    ["<!-- git-coord board format 12 -->\nanything <<<", "- format_too_new"],
    ["```\n## Task Queue\n", "1 unclosed_block"],
    [`text\n\n<!-- never closed\n\n${TEMPLATE.replace(/<!--.*-->/, "")}`, "3 unclosed_block"],
    [ORIGINAL_BOARD.replace("## 🔄", "```\n## 🔄"), "30 unclosed_block"],
  ])("%#", (text, expected) => {
    expect(problemsOf(text).join("|")).toBe(expected);
  });

  it("says which format would be needed", () => {
    const reading = parseBoard(TEMPLATE.replace("format 1", "format 3"));
    expect(reading).toMatchObject({ ok: false, problems: [{ message: expect.stringMatching(/format 3.*up to 1/) }] });
  });

  it("accepts the replacement character: the bytes were mended before", () => {
    expect(problemsOf(queue("T1 | 1 | caf\ufffd | - | -"))).toEqual([]);
  });
});

describe("a board whose structure is doubtful", () => {
  it.each([
    [
      "merge markers",
      `${queue("T1")}<<<<<<< ours\n=======\n>>>>>>> theirs\n`,
      ["5 merge_conflict", "6 merge_conflict", "7 merge_conflict"],
    ],
    ["a left-over middle marker", `${queue()}\n=======\n`, ["5 merge_conflict"]],
    ["markers in a comment", `<!--\n<<<<<<< ours\n-->\n${queue()}`, ["2 merge_conflict"]],
    ["markers in a code block", `\`\`\`\n<<<<<<< ours\n\`\`\`\n${queue()}`, []],
    ["a section that stands twice", `${queue()}\n${queue("T1")}`, ["5 duplicate_section"]],
    ["a second table", `${queue("T1")}\n| ID |\n|---|\n| T2 |\n`, ["6 second_table"]],
    ["rows behind an empty line", `${queue("T1")}\n| T2 | 1 | x | - | - |\n`, ["6 detached_row"]],
    ["rows behind an indent", `${queue("T1")}     | T2 | 1 | x | - | - |\n`, ["5 detached_row"]],
    ["rows behind a comment", `${queue("T1")}<!-- and -->\n| T2 | 1 | x | - | - |\n`, ["6 detached_row"]],
    [
      "rows without outer pipes behind an empty line",
      "## Task Queue\nID | Task\n--|--\nT1 | x\n\nT2 | y\n",
      ["6 detached_row"],
    ],
    ["rows without a header", "## Task Queue\n\n| T1 | 1 | x | - | - |\n", ["3 broken_table"]],
    ["a delimiter row that is too short", "## Task Queue\n| ID | Task |\n|---|\n| T1 | x |\n", ["2 broken_table"]],
    ["a quoted table", `## Task Queue\n> | ID |\n> |---|\n> | T1 |\n`, ["2 broken_table"]],
    ["text right under a table", `${queue("T1")}and then\n`, ["5 bad_identifier"]],
    ["no essential column", section("Task Queue", "Task | Priority", "x | 1"), ["2 missing_column"]],
    ["no holder column", section("File Locks", "File Path | Since", "x | -"), ["2 missing_column"]],
    ["no value column", section("Build Lock", "Field | Who", "Locked By | ana"), ["2 missing_column"]],
    ["a column twice", section("Task Queue", "ID | Task | task", "T1 | a | b"), ["2 duplicate_column"]],
  ])("%s", (_, text, expected) => {
    expect(problemsOf(text).toSorted()).toEqual(expected.toSorted());
  });
});

describe("a row that cannot be read", () => {
  it.each([
    ["an id", queue("T 1 | 1 | x"), "4 bad_identifier"],
    ["an id that looks like a mark", queue("../x | 1 | x"), "4 bad_identifier"],
    ["no id", queue("- | 1 | x"), "4 missing_id"],
    ["a priority", queue("T1 | 0 | x"), "4 bad_priority"],
    ["a priority in words", queue("T1 | high | x"), "4 bad_priority"],
    ["a claimant", queue("T1 | 1 | x | ana & ben"), "4 bad_identifier"],
    ["a dependency", queue("T1 | 1 | x | - | T2, (T3)"), "4 bad_identifier"],
    ["a time", progress("T1 | ana | yesterday | 1"), "4 bad_time"],
    ["a day that does not exist", progress("T1 | ana | 2026-02-30 | 1"), "4 bad_time"],
    ["a fence", progress("T1 | ana | - | -1"), "4 bad_fence"],
    ["nobody in progress", progress("T1 | - | - | -"), "4 unclaimed_in_progress"],
    ["a path outside", files("../x | ana | -"), "4 bad_path"],
    ["a path in .git", files(".git/config | none | -"), "4 bad_path"],
    ["a wildcard", files("src/*.ts | ana | -"), "4 bad_path"],
    ["an absolute path", files("C:\\x | ana | -"), "4 bad_path"],
    ["no path", files("- | ana | -"), "4 missing_path"],
    ["slots", locks("gpu | 0 | none"), "4 bad_slots"],
    ["no lock", locks("- | 2 | none"), "4 missing_lock"],
    ["slots that contradict each other", locks("gpu | 2 | ana", "GPU | 3 | ben"), "5 contradictory_slots"],
    ["a resource", section("Waiting", "Resource | Orchestrator", "disk:x | ana"), "4 bad_resource"],
    ["half a waiter", section("Waiting", "Resource | Orchestrator", "gpu | -"), "4 incomplete_waiter"],
    ["a setting without a name", section("Settings", "Setting | Value", "- | yes"), "4 missing_setting"],
    [
      "a build lock time",
      section("Build Lock", "Field | Value", "Locked By | ana", "**Expires** | soon"),
      "5 bad_time",
    ],
    ["a build lock without a holder", section("Build Lock", "Field | Value", "Expires | -"), "2 missing_field"],
    [
      "a field twice",
      section("Build Lock", "Field | Value", "Locked By | ana", "**locked by** | ben"),
      "5 duplicate_field",
    ],
    ["a task twice", queue("T1", "T01"), "5 duplicate_task"],
    ["a task queued and done", `${queue("t1")}${section("Completed", "ID", "T1")}`, "8 duplicate_task"],
    ["an orchestrator twice", section("Active Orchestrators", "ID", "ana", "ANA"), "5 duplicate_orchestrator"],
    ["a file twice for one holder", files("src/a | ana | -", "./SRC/A | Ana | -"), "5 duplicate_lease"],
    ["a lock twice for one holder", locks("gpu | 2 | ana", "gpu | 2 | ana"), "5 duplicate_lease"],
    [
      "the build lock twice for one holder",
      `${section("Build Lock", "Field | Value", "Locked By | ana")}${locks("Build | - | ana")}`,
      "8 duplicate_lease",
    ],
    [
      "a waiter twice",
      section("Waiting", "Resource | Orchestrator", "gpu | ana", "lock:GPU | ana"),
      "5 duplicate_waiter",
    ],
    ["a setting twice", section("Settings", "Setting | Value", "Strict | yes", "strict | no"), "5 duplicate_setting"],
  ])("%s", (_, text, expected) => {
    expect(problemsOf(text)).toEqual([expected]);
  });

  it("is named with its section, its content and what to write instead", () => {
    const reading = parseBoard(progress("T1 | ana | yesterday | 1"));
    expect(reading).toMatchObject({
      problems: [
        {
          line: 4,
          message:
            '🔄 In Progress: Since is "yesterday". Write a time such as 2026-01-21T14:30:00Z, or - for none instead.',
        },
      ],
    });
  });

  it("leaves two holders of one resource to the rules of the domain", () => {
    expect(problemsOf(files("src/a | ana | -", "src/A | ben | -"))).toEqual([]);
  });

  it("lists the first hundred of many and counts the rest", () => {
    const problems = problemsOf(queue(...new Array(300).fill("a b")));
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toBe("- more_problems");
  });
});
