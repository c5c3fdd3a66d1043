import type { Orchestrator, SettingRow, Waiter } from "../domain/board.ts";
import { parseResource } from "../domain/resource.ts";
import { type Entry, orchestratorEntry, settingEntry, waiterEntry } from "./entries.ts";
import type { SectionId } from "./sections.ts";
import type { RowReader } from "./sheet.ts";
import { rowsOf, type Source } from "./source.ts";
import { meaningful, placeholder, type TextRow } from "./text-row.ts";

/** A table in which every row is one thing. */
export interface ListReading<T> {
  readonly items: readonly T[];
  readonly rows: readonly TextRow[];
}

function readList<T>(
  source: Source,
  id: SectionId,
  read: (row: RowReader) => T | null,
  entryOf: (item: T) => Entry,
  twice: (item: T) => readonly [code: string, what: string],
): ListReading<T> {
  const seen = new Map<string, number>();
  const items: T[] = [];
  const rows = rowsOf(source, id).map((row): TextRow => {
    const item = row.isPlaceholder ? null : read(row);
    if (item === null) return placeholder(row.row);
    const entry = entryOf(item);
    const earlier = seen.get(entry.key);
    if (earlier !== undefined) {
      const [code, what] = twice(item);
      row.problem(
        code,
        `${what} already stands in line ${earlier + 1}. Keep the row that is right, and remove the other.`,
      );
      return placeholder(row.row);
    }
    seen.set(entry.key, row.row.line);
    items.push(item);
    return meaningful(row.row, entry);
  });
  return { items, rows };
}

function readOrchestrator(row: RowReader): Orchestrator | null {
  const id = row.text("id");
  if (id === null)
    return row.missing("missing_id", "this row names no orchestrator. Write its id, or empty the whole row.");
  return {
    id,
    status: row.text("status") ?? "",
    currentTask: row.text("currentTask"),
    lastSeen: row.number("lastSeen"),
    host: row.text("host"),
    session: row.text("session"),
    expires: row.number("expires"),
  };
}

export function readOrchestrators(source: Source): ListReading<Orchestrator> {
  return readList(source, "orchestrators", readOrchestrator, orchestratorEntry, ({ id }) => [
    "duplicate_orchestrator",
    id,
  ]);
}

function readWaiter(row: RowReader): Waiter | null {
  const named = row.text("resource");
  const orchestrator = row.text("orchestrator");
  const reading = named === null ? null : parseResource(named);
  if (!reading?.ok || orchestrator === null) {
    return row.missing(
      "incomplete_waiter",
      "who waits for what? Write the resource and the orchestrator, or empty the whole row.",
    );
  }
  const [since, until, turn] = [row.number("since"), row.number("until"), row.number("turn")];
  return { resource: reading.resource, orchestrator, since, until, turn };
}

export function readWaiters(source: Source): ListReading<Waiter> {
  return readList(source, "waiting", readWaiter, waiterEntry, ({ orchestrator }) => [
    "duplicate_waiter",
    `${orchestrator} waiting for this`,
  ]);
}

function readSetting(row: RowReader): SettingRow | null {
  const name = row.text("setting");
  if (name === null || name.trim() === "") {
    return row.missing(
      "missing_setting",
      "this row has a value but names no setting. Name it, or empty the whole row.",
    );
  }
  return { name, value: row.text("value") ?? "" };
}

export function readSettingRows(source: Source): ListReading<SettingRow> {
  return readList(source, "settings", readSetting, settingEntry, ({ name }) => [
    "duplicate_setting",
    `the setting ${name}`,
  ]);
}
