import { readsAsEmpty, stripMarks } from "./cells.ts";
import type { Line } from "./lines.ts";
import { nameKey, quote } from "./names.ts";
import type { Report } from "./report.ts";
import type { Column } from "./sections.ts";
import { cellSource, type Table, type TableRow } from "./table.ts";
import { absentValue, readValue, type Value, type ValueReading } from "./values.ts";

/** A section's table with its columns named. */
export interface Sheet {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly table: Table;
  /** Where each known column stands; columns that the table lacks are not in it. */
  readonly at: ReadonlyMap<string, number>;
  /** Two sheets with the same layout read the same out of the same line. */
  readonly layout: string;
}

/** Finds columns by header name (DESIGN 4). Null, with a problem, when the table cannot be understood. */
export function nameColumns(
  title: string,
  columns: readonly Column[],
  table: Table,
  lines: readonly Line[],
  report: Report,
): Sheet | null {
  const line = table.header.line;
  const headers = table.header.cells.map((cell) => nameKey(cellSource(lines[line]?.text ?? "", cell)));
  const at = new Map<string, number>();
  const taken = new Set<number>();
  const take = (column: Column, names: readonly string[]) => {
    const found = names.map((name) => headers.findIndex((header, index) => header === name && !taken.has(index)));
    const index = found.find((candidate) => candidate >= 0);
    if (index === undefined || at.has(column.key)) return;
    at.set(column.key, index);
    taken.add(index);
  };
  for (const column of columns) take(column, [nameKey(column.title)]);
  for (const column of columns) take(column, column.aliases);
  for (const column of columns) {
    const again = headers.findIndex((header, index) => header === nameKey(column.title) && !taken.has(index));
    if (again >= 0) {
      report.problem(
        line,
        "duplicate_column",
        `The table of ${title} has the column ${column.title} twice. Rename or remove one.`,
      );
      return null;
    }
    if (column.essential && !at.has(column.key)) {
      report.problem(
        line,
        "missing_column",
        `The table of ${title} has no column ${quote(column.title)}, so its rows mean nothing. Add it to the header.`,
      );
      return null;
    }
  }
  return { title, columns, table, at, layout: `${title} ${[...at].flat().join(" ")}` };
}

/** What a row's text says in a column, also when the table or the row does not have that cell. */
export function readCell(sheet: Sheet, lines: readonly Line[], row: TableRow, column: Column): ValueReading {
  const index = sheet.at.get(column.key);
  if (index === undefined) return { ok: true, value: absentValue(column.kind) };
  return readValue(column.kind, cellSource(lines[row.line]?.text ?? "", row.cells[index]));
}

/** What {@link RowReader.memo} made of the same line before; undefined when it has to be made. */
export function madeOf<T>({ layout }: Sheet, { made }: Line): T | undefined {
  return made.row?.layout === layout ? (made.row.value as T) : undefined;
}

/** Reads the cells of one row, and reports what cannot be read. */
export class RowReader {
  readonly row: TableRow;
  readonly #sheet: Sheet;
  readonly #lines: readonly Line[];
  readonly #report: Report;
  #failed = false;

  constructor(sheet: Sheet, lines: readonly Line[], row: TableRow, report: Report) {
    this.row = row;
    this.#sheet = sheet;
    this.#lines = lines;
    this.#report = report;
  }

  /** Whether it is a row only for the eye: all cells empty, or `(none)` where the name would stand. */
  get isPlaceholder(): boolean {
    const { text = "" } = this.#lines[this.row.line] ?? {};
    const hasTextKey = this.#sheet.columns[0]?.kind === "text";
    return this.#sheet.columns.every((column, position) => {
      const index = this.#sheet.at.get(column.key);
      const source = index === undefined ? "" : cellSource(text, this.row.cells[index]);
      if (column.kind === "text" && hasTextKey) return readsAsEmpty(source);
      const inner = stripMarks(source);
      const isRule = /^-{2,20}$/.test(inner);
      return readsAsEmpty(inner) || isRule || (position === 0 && /^[*_(]{1,3}none[*_).]{1,3}$/i.test(source));
    });
  }

  /**
   * Makes something of the row and keeps it with its line ({@link madeOf}). Where there is something to report it is
   * made anew each time, so that it is reported each time. `make` may read this row only.
   */
  memo<T>(make: () => T): T {
    const { made } = this.#lines[this.row.line] as Line;
    const before = this.#report.count;
    const value = make();
    if (this.#report.count === before) made.row = { layout: this.#sheet.layout, value };
    return value;
  }

  problem(code: string, message: string): void {
    this.#failed = true;
    this.#report.problem(this.row.line, code, `${this.#sheet.title}: ${message}`);
  }

  /** A cell without which the row means nothing is empty. Not said again of a cell that could not be read. */
  missing(code: string, message: string): null {
    if (!this.#failed) this.problem(code, message);
    return null;
  }

  warning(code: string, message: string): void {
    this.#report.warning(this.row.line, code, `${this.#sheet.title}: ${message}`);
  }

  text(key: string): string | null {
    const value = this.#value(key);
    return typeof value === "string" ? value : null;
  }

  number(key: string): number | null {
    const value = this.#value(key);
    return typeof value === "number" ? value : null;
  }

  #value(key: string): Value {
    const column = this.#sheet.columns.find((candidate) => candidate.key === key);
    if (!column) throw new Error(`${this.#sheet.title} has no column ${key}`);
    const reading = readCell(this.#sheet, this.#lines, this.row, column);
    if (reading.ok) return reading.value;
    const index = this.#sheet.at.get(key) ?? -1;
    const source = cellSource(this.#lines[this.row.line]?.text ?? "", this.row.cells[index]);
    this.problem(reading.code, `${column.title} is ${quote(source)}. Write ${reading.expected} instead.`);
    return null;
  }
}
