import type { Line } from "./lines.ts";
import type { Report } from "./report.ts";
import type { SectionId } from "./sections.ts";
import { RowReader, type Sheet } from "./sheet.ts";

/** A board's text, taken apart as far as its tables and columns: what the readers of sections read from. */
export interface Source {
  readonly lines: readonly Line[];
  readonly sheets: ReadonlyMap<SectionId, Sheet>;
  readonly report: Report;
}

export function rowsOf({ lines, sheets, report }: Source, id: SectionId): RowReader[] {
  const sheet = sheets.get(id);
  return sheet ? sheet.table.rows.map((row) => new RowReader(sheet, lines, row, report)) : [];
}
