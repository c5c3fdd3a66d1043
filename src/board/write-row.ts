import type { Entry } from "./entries.ts";
import type { Column } from "./sections.ts";
import { type Cell, cellBetween } from "./table.ts";
import { type Value, writeValue } from "./values.ts";

/** One table row, as this program writes it. */
export const rowText = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** The header and delimiter rows of a table, in the look of the original system. */
export function headText(columns: readonly Pick<Column, "title">[]): string[] {
  return [rowText(columns.map(({ title }) => title)), `|${columns.map(({ title }) => dashes(title)).join("|")}|`];
}

export const dashes = (title: string): string => "-".repeat(title.length + 2);

/** The source of an entry's cell. */
export function cellText(entry: Entry, column: Column): string {
  return writeValue(column, entry.values[column.key] ?? null);
}

/**
 * Puts new sources into some cells of a row and leaves the rest of the line alone. Cells that the row does
 * not have yet are added at its end; those skipped on the way stay blank.
 */
export function setCells(text: string, cells: readonly Cell[], changes: ReadonlyMap<number, string>): string {
  if (changes.size === 0) return text;
  let result = "";
  let from = 0;
  for (const [index, cell] of cells.entries()) {
    const source = changes.get(index);
    if (source === undefined) continue;
    const isBlank = /^[ \t]*$/.test(text.slice(cell.start, cell.end));
    result += text.slice(from, cell.start) + (isBlank ? ` ${source} ` : source);
    from = cell.end;
  }
  result += text.slice(from);
  // Without its pipe in front, a row that now begins with `-` would become a list.
  if (!/^[ \t]*\|/.test(result)) result = `| ${result.trimStart()}`;
  const last = Math.max(...changes.keys());
  return last < cells.length
    ? result
    : appendCells(
        result,
        Array.from({ length: last + 1 - cells.length }, (_, offset) => changes.get(cells.length + offset) ?? ""),
      );
}

/**
 * The same for a row that has more cells than its table has columns: a note glued to the row, which the
 * table ignores. It stays behind everything that is added.
 */
export function setCellsBefore(
  text: string,
  cells: readonly Cell[],
  width: number,
  changes: ReadonlyMap<number, string>,
): string {
  const rest = cells[width];
  if (rest === undefined) return setCells(text, cells, changes);
  const border = text.lastIndexOf("|", rest.start - 1) + 1;
  return setCells(text.slice(0, border), cells.slice(0, width), changes) + text.slice(border);
}

/** Adds cells at a line's end, whether or not its last cell is closed by a pipe. */
export function appendCells(text: string, sources: readonly string[]): string {
  const trimmed = text.slice(0, cellBetween(text, 0, text.length).end);
  const closed = /(?:^|[^\\])(?:\\\\)*\|$/.test(trimmed) && trimmed !== "|";
  return `${trimmed}${closed ? "" : " |"}${sources.map((source) => ` ${source} |`).join("")}`;
}

/** Which cells of a row have to be rewritten: those whose text does not say what is wanted. */
export function changedCells(
  entry: Entry,
  columns: readonly Column[],
  at: ReadonlyMap<string, number>,
  said: (column: Column) => Value | undefined,
): Map<number, string> {
  const changes = new Map<number, string>();
  for (const column of columns) {
    const index = at.get(column.key);
    const wanted = entry.values[column.key] ?? null;
    if (index !== undefined && said(column) !== wanted) changes.set(index, cellText(entry, column));
  }
  return changes;
}
