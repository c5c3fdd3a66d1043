import type { Line } from "./lines.ts";

/**
 * Where a cell's source stands in its line, without the padding around it. A blank cell is the whole span
 * between its pipes, so that writing into it can bring its own padding.
 */
export interface Cell {
  readonly start: number;
  readonly end: number;
}

/** `line` is an index into the text's lines. The header's delimiter row is the line after it. */
export interface TableRow {
  readonly line: number;
  readonly cells: readonly Cell[];
}

export interface Table {
  readonly header: TableRow;
  readonly rows: readonly TableRow[];
}

/** What was found in a section; `second` is the line of a further table under the same heading. */
export interface TableSearch {
  readonly table: Table | null;
  readonly second: number | null;
}

const isSpace = (code: number) => code === 32 || code === 9;

/** The cell between two offsets of a line: tight around its content, or the whole span when it is blank. */
export function cellBetween(text: string, from: number, to: number): Cell {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === end ? { start: from, end: to } : { start, end };
}

/**
 * The cells of a row that begins and ends with a pipe, as GFM splits them: a backslash takes a following
 * pipe or backslash with it. Null for any other line; those are left to the reference parser.
 */
export function splitRow(text: string): Cell[] | null {
  if (text.charCodeAt(0) !== 124) return null;
  const cells: Cell[] = [];
  let from = 1;
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) {
      const next = text.charCodeAt(at + 1);
      if (next === 92 || next === 124) at++;
    } else if (code === 124) {
      cells.push(cellBetween(text, from, at));
      from = at + 1;
    }
  }
  for (let at = from; at < text.length; at++) if (!isSpace(text.charCodeAt(at))) return null;
  return cells.length > 0 ? cells : null;
}

/** {@link splitRow} of a line, once for each. */
export function cellsOf({ text, made }: Line): readonly Cell[] | null {
  made.cells ??= splitRow(text);
  return made.cells;
}

/** A line that could be the delimiter row of a table: only pipes, dashes, colons and spaces, with a dash. */
export function isDelimiterLike(text: string): boolean {
  return /^[ \t|:-]+$/.test(text) && text.includes("-");
}

/** The source of a cell, trimmed; empty for a cell that its row does not have. */
export function cellSource(text: string, cell: Cell | undefined): string {
  if (cell === undefined) return "";
  // Cells are tight unless they are blank.
  return cell.start === cell.end || isSpace(text.charCodeAt(cell.start)) ? "" : text.slice(cell.start, cell.end);
}
