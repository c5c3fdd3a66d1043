import fc from "fast-check";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { describe, expect, it } from "vitest";
import { findBlocks } from "../../src/board/blocks.ts";
import { parseSectionFast } from "../../src/board/fast.ts";
import { formatBoard } from "../../src/board/index.ts";
import { splitLines } from "../../src/board/lines.ts";
import { parseSectionReference } from "../../src/board/reference.ts";
import { newBudget } from "../../src/board/skeleton.ts";
import { cellBetween, type TableSearch } from "../../src/board/table.ts";
import { text as anyText, board } from "./arbitraries.ts";
import { TEMPLATE } from "./texts.ts";

interface Readings {
  readonly fast: TableSearch | null;
  readonly reference: TableSearch | null;
}

function readBoth(text: string): Readings {
  const lines = splitLines(text);
  const { kinds } = findBlocks(lines);
  return {
    fast: parseSectionFast(lines, kinds, 0, lines.length),
    reference: parseSectionReference(lines, kinds, 0, lines.length, newBudget()),
  };
}

const cell = fc.oneof(
  anyText.map((text) => text.replace(/[\r\n]/g, "").replaceAll("|", "\\|")),
  fc.constantFrom("a", "T1", "", " ", "-", "\\|", "\\\\", "\\\\\\|", "a b", "\t"),
);
const row = fc
  .tuple(
    fc.constantFrom("| ", "|", "", " ", "   ", "    | ", "\t|"),
    fc.array(cell, { minLength: 1, maxLength: 4 }),
    fc.constantFrom(" |", "|", "", " | ", "\\|", " \\\\|"),
  )
  .map(([open, cells, close]) => open + cells.join(" | ") + close);
const canonicalRow = fc
  .array(fc.constantFrom("a", "T1", "-", "x y", "\\|", "\\\\"), { minLength: 2, maxLength: 3 })
  .map((cells) => `| ${cells.join(" | ")} |`);
const delimiter = fc.constantFrom(
  "|---|---|",
  "| - | - |",
  "|:--|--:|",
  "---|---",
  "|---|",
  ":--",
  "--",
  "|--|--|--|",
  "  |---|---|",
  "-|-|",
  "| - | : |",
);
const prose = fc.constantFrom(
  ...[
    "",
    "",
    "",
    "text",
    "more text",
    "- item",
    "  - nested",
    "  in the item",
    "1. one",
    "> quoted",
    "> | a | b |",
    "### Sub",
    "---",
    "***",
    "===",
    "one column\n:--",
  ],
  ...[
    "```",
    "~~~",
    "<!-- note -->",
    "<!--",
    "-->",
    "<div>",
    "</div>",
    "    code",
    "a | b",
    "\tx",
    "*a* _b_",
    "[x]: y",
    "# H",
  ],
);
const lines = (line: fc.Arbitrary<string>) => fc.array(line, { maxLength: 12 }).map((all) => all.join("\n"));
/** Mostly tables as they should be, with something unexpected here and there. */
const plausible = lines(
  fc.oneof(
    { weight: 6, arbitrary: canonicalRow },
    { weight: 2, arbitrary: fc.constantFrom("|---|---|", "| A | B |") },
    { weight: 2, arbitrary: prose },
    row,
  ),
);
const table = fc
  .tuple(fc.constantFrom("", "text\n\n", "\n", "text\n", "### Sub\n", "# H\ntext\n"), lines(canonicalRow), plausible)
  .map(([before, rows, after]) => `${before}| A | B |\n|---|---|\n${rows}\n${after}`);
const wild = lines(fc.oneof(row, delimiter, prose, canonicalRow));

describe("the fast path", { timeout: 60_000 }, () => {
  it("reads whatever it accepts as the reference does", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(table, plausible, wild), (text) => {
        const { fast, reference } = readBoth(text);
        if (fast === null) return;
        if (fast.table) accepted++;
        expect(fast).toEqual(reference);
      }),
      { numRuns: 600 },
    );
    expect(accepted).toBeGreaterThan(20);
  });

  it.each([
    "a row without its last pipe\n\n| A | B |\n|---|---|\n| a | b",
    "an indented row\n\n| A | B |\n|---|---|\n  | a | b |",
    "text under the rows\n\n| A | B |\n|---|---|\n| a | b |\ntext",
    "rows behind the table\n\n| A | B |\n|---|---|\n| a | b |\n\n| c | d |",
    "a table of one column behind it\n\n| A | B |\n|---|---|\n| a | b |\n\nC\n:--\nc",
    "a delimiter row that is too short\n\n| A | B |\n|---|\n| a | b |",
    "- a list before it\n\n| A | B |\n|---|---|\n| a | b |",
  ])("leaves to the reference whatever needs thought: %j", (text) => {
    expect(readBoth(text).fast).toBeNull();
  });

  it("accepts every section that the program wrote", () => {
    fc.assert(
      fc.property(board, (wanted) => {
        for (const section of formatBoard(wanted, TEMPLATE)
          .split(/^## .*\n/m)
          .slice(1)) {
          const { fast, reference } = readBoth(section);
          expect(fast?.table).toBeTruthy();
          expect(fast).toEqual(reference);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("the reference", { timeout: 60_000 }, () => {
  const parser = unified().use(remarkParse).use(remarkGfm);

  /** The rows of the first table as remark finds them in the text itself, cells by their source. */
  function rowsByRemark(text: string): string[][] | null {
    const source = text.split(/\r\n|\n|\r/);
    const found = parser.parse(text).children.find((node) => node.type === "table");
    if (found === undefined) return null;
    return found.children.map((row) =>
      row.children.map((node, index) => {
        const line = source[(node.position?.start.line ?? 1) - 1] ?? "";
        let raw = line.slice((node.position?.start.column ?? 1) - 1, (node.position?.end.column ?? 1) - 1);
        if (raw.startsWith("|")) raw = raw.slice(1);
        raw = trimmed(raw);
        const isLast = index === row.children.length - 1;
        return isLast && /(?:^|[^\\])(?:\\\\)*\|$/.test(raw) ? trimmed(raw.slice(0, -1)) : raw;
      }),
    );
  }

  function rowsHere(text: string): string[][] | null {
    const source = splitLines(text);
    const { reference } = readBoth(text);
    if (!reference?.table) return null;
    return [reference.table.header, ...reference.table.rows].map(({ line, cells }) =>
      cells.map(({ start, end }) => trimmed((source[line]?.text ?? "").slice(start, end))),
    );
  }

  const trimmed = (text: string) => {
    const { start, end } = cellBetween(text, 0, text.length);
    const source = text.slice(start, end);
    return /^[ \t]*$/.test(source) ? "" : source;
  };

  it("finds the rows and cells that remark finds in the full text", () => {
    fc.assert(
      fc.property(fc.oneof(table, plausible, wild), (text) => {
        expect(rowsHere(text)).toEqual(rowsByRemark(text));
      }),
      { numRuns: 600 },
    );
  });

  it("is given no more of a long table than its ends", () => {
    const rows = "| a | b |\n".repeat(5000);
    const text = `| A | B |\n|---|---|\n${rows}a | b\n${rows}`;
    expect(readBoth(text).fast).toBeNull();
    expect(rowsHere(text)).toHaveLength(10_002);
  });
});
