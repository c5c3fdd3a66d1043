import type { LineKind } from "./blocks.ts";
import { isBlank, type Line } from "./lines.ts";
import { cellsOf, isDelimiterLike, splitRow, type TableRow, type TableSearch } from "./table.ts";

const DELIMITER = /^\|(?: ?:?-+:? ?\|)+$/;

/** Prose that opens nothing and leaves nothing open: plain paragraphs and headings, without a pipe. */
function isHarmless(text: string): boolean {
  return isBlank(text) || (/^[A-Za-z#]/.test(text) && !text.includes("|"));
}

/** Neither a row nor what would make a table of the line above it: `a` over `:--` is one of a single column. */
function isTableFree(text: string): boolean {
  return !text.includes("|") && !(text.includes(":") && isDelimiterLike(text));
}

/**
 * Reads a section (its lines from `start` to before `end`) whose table is written as this program writes
 * it, without the reference parser: every row `| a | b |` from the first column on, a blank line or the
 * section's end behind it, and nothing around it that needs thought. Null when it is not sure. What it
 * accepts, it reads exactly as {@link parseSectionReference} does (DESIGN 4; property-tested).
 */
export function parseSectionFast(
  lines: readonly Line[],
  kinds: readonly LineKind[],
  start: number,
  end: number,
): TableSearch | null {
  const text = (index: number) => lines[index]?.text ?? "";
  let at = start;
  while (at < end && kinds[at] === "text" && isHarmless(text(at))) at++;
  const header = at < end ? splitRow(text(at)) : null;
  if (header === null) return restIsTableFree(lines, kinds, at, end) ? { table: null, second: null } : null;
  const delimiters = DELIMITER.test(text(at + 1)) && at + 1 < end ? splitRow(text(at + 1)) : null;
  if (delimiters?.length !== header.length || DELIMITER.test(text(at))) return null;

  const rows: TableRow[] = [];
  let row = at + 2;
  for (; row < end && text(row).startsWith("|"); row++) {
    const cells = cellsOf(lines[row] as Line);
    if (cells === null) return null;
    rows.push({ line: row, cells });
  }
  if (row < end && !isBlank(text(row))) return null;
  if (!restIsTableFree(lines, kinds, row, end)) return null;
  return { table: { header: { line: at, cells: header }, rows }, second: null };
}

function restIsTableFree(lines: readonly Line[], kinds: readonly LineKind[], from: number, end: number): boolean {
  for (let index = from; index < end; index++) {
    const text = lines[index]?.text ?? "";
    if (kinds[index] === "text" && !isTableFree(text)) return false;
  }
  return true;
}
