import type { Lease } from "../domain/board.ts";
import { BUILD } from "../domain/resource.ts";
import { stripMarks } from "./cells.ts";
import { nameKey, quote } from "./names.ts";
import { BUILD_LOCK, type Column } from "./sections.ts";
import type { Source } from "./source.ts";
import { cellSource, type TableRow } from "./table.ts";
import { readValue, type ValueReading } from "./values.ts";

/** The rows of the Build Lock's table (Field | Value) by the field they name; unknown fields are not in it. */
export interface BuildReading {
  readonly lease: Lease | null;
  readonly fields: ReadonlyMap<string, TableRow>;
}

/** What the text says in a field, also when it has no such row. */
export function readField(source: Source, fields: BuildReading["fields"], column: Column): ValueReading {
  return readValue(column.kind, fieldSource(source, fields.get(column.key)));
}

function fieldSource({ lines, sheets }: Source, row: TableRow | undefined): string {
  const index = sheets.get("buildLock")?.at.get("value");
  return row === undefined || index === undefined ? "" : cellSource(lines[row.line]?.text ?? "", row.cells[index]);
}

/**
 * Reads the build lock: a lease on `lock:build`. Locked By `none` means free, whatever is left in the
 * other fields: the original system's way to recover after a crash was to write just that.
 */
export function readBuildLock(source: Source): BuildReading {
  const fields = new Map<string, TableRow>();
  const sheet = source.sheets.get("buildLock");
  if (!sheet) return { lease: null, fields };
  const { report, lines } = source;
  const nameAt = sheet.at.get("field") ?? 0;
  for (const row of sheet.table.rows) {
    const name = stripMarks(cellSource(lines[row.line]?.text ?? "", row.cells[nameAt]));
    const column = BUILD_LOCK.columns.find(({ title, aliases }) =>
      [nameKey(title), ...aliases].includes(nameKey(name)),
    );
    if (!column) continue;
    if (fields.has(column.key)) {
      report.problem(
        row.line,
        "duplicate_field",
        `${sheet.title} has the field ${column.title} twice. Remove one of the two rows.`,
      );
    } else {
      fields.set(column.key, row);
    }
  }
  const read = (key: string) => {
    const column = BUILD_LOCK.columns.find((each) => each.key === key);
    if (!column) return null;
    const reading = readField(source, fields, column);
    if (reading.ok) return reading.value;
    const row = fields.get(key);
    report.problem(
      row?.line ?? null,
      reading.code,
      `${sheet.title}: ${column.title} is ${quote(fieldSource(source, row))}. Write ${reading.expected} instead.`,
    );
    return null;
  };
  const text = (key: string) => {
    const value = read(key);
    return typeof value === "string" ? value : null;
  };
  const number = (key: string) => {
    const value = read(key);
    return typeof value === "number" ? value : null;
  };
  if (!fields.has("lockedBy") && fields.size > 0) {
    report.problem(
      sheet.table.header.line,
      "missing_field",
      `${sheet.title} has no row Locked By, so nobody can tell who holds it. Add it, with none when it is free.`,
    );
    return { lease: null, fields };
  }
  const holder = text("lockedBy");
  if (holder === null) return { lease: null, fields };
  const lease = {
    resource: BUILD,
    holder,
    fence: number("fence"),
    since: number("lockedAt"),
    expires: number("expires"),
    reason: text("reason"),
  };
  return { lease, fields };
}
