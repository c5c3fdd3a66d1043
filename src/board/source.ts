import type { Line } from "./lines.ts";
import type { Report } from "./report.ts";
import type { SectionId } from "./sections.ts";
import { madeOf, RowReader, type Sheet } from "./sheet.ts";
import type { TableRow } from "./table.ts";

/** A board's text, taken apart as far as its tables and columns: what the readers of sections read from. */
export interface Source {
  readonly lines: readonly Line[];
  readonly sheets: ReadonlyMap<SectionId, Sheet>;
  readonly report: Report;
}

/**
 * Reads each row of a section, or remembers what was read of the same line before.
 * @param use gets what was read, the row, and its reader for whoever has to report something
 */
export function mapRows<T, R>(
  { lines, sheets, report }: Source,
  id: SectionId,
  read: (row: RowReader) => T,
  use: (found: T, row: TableRow, reader: () => RowReader) => R,
): R[] {
  const sheet = sheets.get(id);
  if (!sheet) return [];
  return sheet.table.rows.map((row) => {
    const reader = () => new RowReader(sheet, lines, row, report);
    const known = madeOf<T>(sheet, lines[row.line] as Line);
    return use(known === undefined ? readNow(reader(), read) : known, row, reader);
  });
}

const readNow = <T>(row: RowReader, read: (row: RowReader) => T): T => row.memo(() => read(row));

export function rowsOf({ lines, sheets, report }: Source, id: SectionId): RowReader[] {
  const sheet = sheets.get(id);
  return sheet ? sheet.table.rows.map((row) => new RowReader(sheet, lines, row, report)) : [];
}
