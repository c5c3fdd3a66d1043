import type { Board } from "../domain/board.ts";
import type { Edits } from "./edits.ts";
import { type Entry, sameEntry } from "./entries.ts";
import type { Line } from "./lines.ts";
import type { Column } from "./sections.ts";
import { readCell, type Sheet } from "./sheet.ts";
import type { TextRow } from "./text-row.ts";
import { absentValue } from "./values.ts";
import { appendCells, cellText, changedCells, dashes, rowText, setCellsBefore } from "./write-row.ts";

/** What happens to the rows of one table. */
interface Plan {
  /** Rows that stay, by the key of the entry they have to say. */
  readonly kept: ReadonlyMap<string, TextRow>;
  readonly removed: readonly TextRow[];
}

/** Writes a table's entries into its rows. New rows go behind the row of the entry before them, or first. */
export function writeTable(
  sheet: Sheet,
  allRows: readonly TextRow[],
  allWanted: readonly Entry[],
  board: Board,
  lines: readonly Line[],
  edits: Edits,
): void {
  const { before, after } = unchanged(allRows, allWanted);
  const rows = allRows.slice(before, allRows.length - after);
  const wanted = allWanted.slice(before, allWanted.length - after);
  const plan = planRows(rows, wanted, board);
  const isDone = (entry: Entry) => {
    const said = plan.kept.get(entry.key)?.entry;
    return said !== null && said !== undefined && sameEntry(said, entry);
  };
  const { at, blanks } = addColumns(
    sheet,
    wanted.filter((entry) => !isDone(entry)),
    lines,
    edits,
  );
  const width = sheet.table.header.cells.length;
  for (const { row } of plan.removed) edits.remove(row.line);
  let anchor = allRows[before - 1]?.row.line ?? sheet.table.header.line + 1;
  for (const entry of wanted) {
    const row = plan.kept.get(entry.key)?.row;
    if (!row) {
      edits.insert(anchor, [rowText(newCells(entry, sheet.columns, at, width + blanks.size))]);
      continue;
    }
    anchor = row.line;
    if (isDone(entry)) continue;
    const said = (column: Column) => {
      const reading = readCell(sheet, lines, row, column);
      return reading.ok ? reading.value : undefined;
    };
    const changes = changedCells(entry, sheet.columns, at, said);
    const all = new Map([...(row.cells.length > width ? blanks : []), ...changes]);
    edits.replace(row.line, setCellsBefore(lines[row.line]?.text ?? "", row.cells, width, all));
  }
}

/**
 * How many rows at the beginning and at the end of the table say what is wanted there already. Keys are unique, so no
 * other entry wants those rows.
 */
function unchanged(rows: readonly TextRow[], wanted: readonly Entry[]): { before: number; after: number } {
  const most = Math.min(rows.length, wanted.length);
  let before = 0;
  while (before < most && rows[before]?.entry === wanted[before]) before += 1;
  let after = 0;
  while (after < most - before && rows.at(-1 - after)?.entry === wanted.at(-1 - after)) after += 1;
  return { before, after };
}

function planRows(rows: readonly TextRow[], wanted: readonly Entry[], board: Board): Plan {
  const kept = new Map<string, TextRow>();
  const used = new Set<TextRow>();
  const keep = (key: string, row: TextRow) => {
    kept.set(key, row);
    used.add(row);
  };
  const keys = new Set(wanted.map(({ key }) => key));
  for (const row of rows) if (row.key !== null && keys.has(row.key) && !kept.has(row.key)) keep(row.key, row);
  // A free row becomes a held one, and the last held one a free one; one holder's row never another's.
  const spare = new Map<string, TextRow[]>();
  for (const row of rows)
    if (row.about !== null && !used.has(row)) spare.set(row.about, [...(spare.get(row.about) ?? []), row]);
  for (const entry of wanted) {
    if (entry.about === null || kept.has(entry.key)) continue;
    const fits = (row: TextRow) => !used.has(row) && (entry.isFree || row.entry === null || row.entry.isFree);
    const row = spare.get(entry.about)?.find(fits);
    if (row) keep(entry.key, row);
  }
  const removed = rows.filter((row) => !used.has(row) && (row.entry !== null || row.contradicts?.(board) === true));
  return { kept, removed };
}

/** Where all columns are, and what the new ones hold in rows that say nothing there. */
interface NewColumns {
  readonly at: ReadonlyMap<string, number>;
  readonly blanks: ReadonlyMap<number, string>;
}

/**
 * Appends the columns that the table lacks and some changed row needs, and says where all columns are.
 * Text that stood behind the last column of a row stays behind the new ones.
 */
function addColumns(sheet: Sheet, changed: readonly Entry[], lines: readonly Line[], edits: Edits): NewColumns {
  const needed = sheet.columns.filter(
    (column) =>
      !sheet.at.has(column.key) &&
      changed.some((entry) => (entry.values[column.key] ?? null) !== absentValue(column.kind)),
  );
  if (needed.length === 0) return { at: sheet.at, blanks: new Map() };
  const { header, rows } = sheet.table;
  const text = (line: number) => lines[line]?.text ?? "";
  edits.replace(
    header.line,
    appendCells(
      text(header.line),
      needed.map(({ title }) => title),
    ),
  );
  const delimiter = text(header.line + 1).trimEnd();
  const closed = delimiter.endsWith("|") ? "" : "|";
  edits.replace(header.line + 1, `${delimiter}${closed}${needed.map(({ title }) => `${dashes(title)}|`).join("")}`);
  const width = header.cells.length;
  const blanks = new Map(needed.map((column, offset) => [width + offset, column.empty] as const));
  for (const row of rows) {
    if (row.cells.length <= width) continue;
    edits.replace(row.line, setCellsBefore(text(row.line), row.cells, width, blanks));
  }
  const at = new Map([...sheet.at, ...needed.map((column, offset) => [column.key, width + offset] as const)]);
  return { at, blanks };
}

function newCells(entry: Entry, columns: readonly Column[], at: ReadonlyMap<string, number>, width: number): string[] {
  const cells = new Array<string>(width).fill("-");
  for (const column of columns) {
    const index = at.get(column.key);
    if (index !== undefined) cells[index] = cellText(entry, column);
  }
  return cells;
}
