import type { LineKind } from "./blocks.ts";
import { parseSectionFast } from "./fast.ts";
import { LIMITS } from "./limits.ts";
import { isBlank, type Line } from "./lines.ts";
import { parseSectionReference } from "./reference.ts";
import type { Report } from "./report.ts";
import type { Budget } from "./skeleton.ts";
import { isDelimiterLike, type Table } from "./table.ts";

/** A stretch of the board in which one table is looked for. */
export interface Stretch {
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/**
 * A line that was meant as a row, also when it is indented or quoted. Where the table itself has no outer
 * pipes, a line with as many pipes as its header is meant as one too.
 */
function looksLikeRow(text: string, header: string | null): boolean {
  if (/^[ \t>]*\|/.test(text)) return true;
  if (!text.includes("|") || text.length > LIMITS.otherLine) return false;
  const isBare = header !== null && !/^[ \t]*\|/.test(header) && text.split("|").length >= header.split("|").length;
  return isBare || isDelimiterLike(text);
}

/**
 * Finds the table of a section. Null when it has none; whatever looks like rows and is not part of the
 * table is reported, never dropped in silence.
 */
export function locateTable(
  lines: readonly Line[],
  kinds: readonly LineKind[],
  { title, start, end }: Stretch,
  budget: Budget,
  report: Report,
): Table | null {
  if (!checkSizes(lines, { title, start, end }, report)) return null;
  const found = parseSectionFast(lines, kinds, start, end) ?? parseSectionReference(lines, kinds, start, end, budget);
  if (found === null) {
    report.problem(
      start,
      "irregular_section",
      `${title} has too much text that is neither a table row nor plain prose. Write every row as | a | b |, and move long notes under a heading of their own.`,
    );
    return null;
  }
  if ((found.table?.rows.length ?? 0) > LIMITS.rowsInTable) {
    report.problem(
      start,
      "too_many_rows",
      `${title} has more than ${LIMITS.rowsInTable} rows. Move finished rows to another file.`,
    );
    return null;
  }
  if (found.second !== null) {
    report.problem(
      found.second,
      "second_table",
      `${title} has a second table. Move its rows into the first one, or put it under a heading of its own (## …).`,
    );
  } else reportStrays(lines, kinds, { title, start, end }, found.table, report);
  return found.table;
}

function checkSizes(lines: readonly Line[], { title, start, end }: Stretch, report: Report): boolean {
  let cells = 0;
  for (let index = start; index < end; index++) {
    const text = lines[index]?.text ?? "";
    const isRow = text.startsWith("|");
    if (text.length > (isRow ? LIMITS.rowLine : LIMITS.otherLine)) {
      report.problem(
        index,
        "line_too_long",
        `This line of ${title} is ${text.length} characters long. Break it into shorter ones, or move it out of the section.`,
      );
      return false;
    }
    let inRow = 0;
    for (let at = text.indexOf("|"); at >= 0; at = text.indexOf("|", at + 1)) inRow++;
    cells += inRow;
    if (inRow - countEscaped(text) > LIMITS.cellsInRow || cells > LIMITS.cells) {
      report.problem(
        index,
        "too_many_cells",
        `${title} has more cells than the program reads. Move finished rows to another file.`,
      );
      return false;
    }
  }
  return true;
}

const countEscaped = (text: string) => (text.includes("\\|") ? (text.match(/\\\|/g)?.length ?? 0) : 0);

function reportStrays(
  lines: readonly Line[],
  kinds: readonly LineKind[],
  { title, start, end }: Stretch,
  table: Table | null,
  report: Report,
): void {
  const lastRow = table ? (table.rows.at(-1)?.line ?? table.header.line + 1) : -1;
  const header = table ? (lines[table.header.line]?.text ?? "") : null;
  let onlyBlankSince = table !== null;
  for (let index = start; index < end; index++) {
    const text = lines[index]?.text ?? "";
    const inTable = table !== null && index >= table.header.line && index <= lastRow;
    // A comment between rows cuts a table as an empty line does.
    if (inTable || isBlank(text) || kinds[index] === "html") continue;
    if (kinds[index] !== "text" || !looksLikeRow(text, header)) {
      if (index > lastRow) onlyBlankSince = false;
    } else if (table === null) {
      report.problem(
        index,
        "broken_table",
        `${title} has rows but no table: a header row is needed, under it a row like |---|---| with as many cells, and both must begin at the left margin.`,
      );
      return;
    } else if (index > lastRow && onlyBlankSince) {
      report.problem(
        index,
        "detached_row",
        `This row of ${title} is cut off from its table. Remove the empty line, the comment or the indent between them.`,
      );
      return;
    } else {
      report.warning(
        index,
        "stray_row",
        `This line looks like a row, but it is not part of the table of ${title}, so it is not read.`,
      );
    }
  }
}
