import type { Edits } from "./edits.ts";
import { buildLockEntry, type Entry, sameEntry } from "./entries.ts";
import type { BoardDocument } from "./read.ts";
import { readField } from "./read-build.ts";
import { BUILD_LOCK, type Column } from "./sections.ts";
import type { Sheet } from "./sheet.ts";
import type { TableRow } from "./table.ts";
import { cellText, rowText, setCells } from "./write-row.ts";

/** How a field is named in its row: bold, as in the original system. */
const fieldName = ({ title }: Column) => `**${title}**`;

/** The rows of a new Build Lock table. */
export function buildLockRows(entry: Entry): string[] {
  return BUILD_LOCK.columns.map((column) => rowText([fieldName(column), cellText(entry, column)]));
}

/** Writes the build lock into the rows of its table (Field | Value); a field without a row gets one when it has a value. */
export function writeBuildLock(sheet: Sheet, document: BoardDocument, wanted: Entry, edits: Edits): void {
  if (sameEntry(buildLockEntry(document.build.lease), wanted)) return;
  const { fields } = document.build;
  const valueAt = sheet.at.get("value") ?? 1;
  let anchor = sheet.table.header.line + 1;
  for (const column of BUILD_LOCK.columns) {
    const row = fields.get(column.key);
    const value = wanted.values[column.key] ?? null;
    if (row) {
      anchor = row.line;
      const reading = readField(document, fields, column);
      if (reading.ok && reading.value === value) continue;
      edits.replace(
        row.line,
        setCells(document.lines[row.line]?.text ?? "", row.cells, new Map([[valueAt, cellText(wanted, column)]])),
      );
    } else if (value !== null) {
      edits.insert(anchor, [newRow(sheet, document, fields, column, cellText(wanted, column))]);
    }
  }
}

function newRow(
  sheet: Sheet,
  document: BoardDocument,
  fields: ReadonlyMap<string, TableRow>,
  column: Column,
  source: string,
): string {
  const nameAt = sheet.at.get("field") ?? 0;
  const isBold = [...fields.values()].every((row) => {
    const cell = row.cells[nameAt];
    return cell !== undefined && document.lines[row.line]?.text.startsWith("**", cell.start);
  });
  const cells = new Array<string>(sheet.table.header.cells.length).fill("-");
  cells[nameAt] = isBold ? fieldName(column) : column.title;
  cells[sheet.at.get("value") ?? 1] = source;
  return rowText(cells);
}
