import { type BoardProblem, EMPTY_BOARD, type Task } from "../domain/board.ts";
import { taskKey } from "../domain/identifier.ts";
import { formatInstant } from "../domain/instant.ts";
import { findBlocks } from "./blocks.ts";
import { Edits } from "./edits.ts";
import { completedEntry } from "./entries.ts";
import { LIMITS, textProblem, tooManyLines } from "./limits.ts";
import { type Line, splitLines } from "./lines.ts";
import { locateTable } from "./locate.ts";
import { readTasks } from "./read-tasks.ts";
import { Report } from "./report.ts";
import { shapeOf } from "./sections.ts";
import { nameColumns, type Sheet } from "./sheet.ts";
import { newBudget } from "./skeleton.ts";
import type { TextRow } from "./text-row.ts";
import { tableLines } from "./write-section.ts";
import { writeTable } from "./write-table.ts";

const COMPLETED = shapeOf("completed");

/** Where a completed task goes when it leaves the board: by the month it was completed in, UTC (DESIGN 4). */
export function archivePath(task: Task): string {
  return `archive/${monthOf(task) ?? "undated"}.md`;
}

function monthOf({ completedAt }: Task): string | null {
  return completedAt === null ? null : formatInstant(completedAt).slice(0, 7);
}

/** The tasks of an archive file, in its order, or what is wrong with it. */
export type ArchiveReading =
  | { readonly ok: true; readonly tasks: readonly Task[] }
  | { readonly ok: false; readonly problems: readonly BoardProblem[] };

interface ArchiveDocument {
  readonly lines: readonly Line[];
  /** Null when the file has no table yet. */
  readonly sheet: Sheet | null;
  readonly tasks: readonly Task[];
  readonly rows: readonly TextRow[];
  readonly problems: readonly BoardProblem[];
}

function readDocument(text: string): ArchiveDocument {
  const illegible = textProblem(text);
  const split = illegible ? [] : splitLines(text, LIMITS.lines);
  const unfit = illegible ?? tooManyLines(split);
  const lines = unfit ? [] : split;
  const report = new Report();
  const stretch = { title: "This archive", start: 0, end: lines.length };
  const table = locateTable(lines, findBlocks(lines).kinds, stretch, newBudget(), report);
  const sheet = table && nameColumns(stretch.title, COMPLETED.columns, table, lines, report);
  const { tasks, rows } = readTasks({ lines, report, sheets: new Map(sheet ? [["completed", sheet]] : []) });
  return { lines, sheet, tasks, rows: rows.get("completed") ?? [], problems: unfit ? [unfit] : report.problems };
}

/** Reads an archive file: one table with the columns of Completed. */
export function parseArchive(text: string): ArchiveReading {
  const { tasks, problems } = readDocument(text);
  return problems.length === 0 ? { ok: true, tasks } : { ok: false, problems };
}

/**
 * Appends completed tasks, all of one {@link archivePath}, in the order given; null is a file that does not
 * exist yet. Tasks whose id is already in the file are left out. A file that somebody damaged gets a new
 * table at its end, so that finishing work never depends on it.
 */
export function formatArchive(tasks: readonly Task[], previousText: string | null): string {
  const [first] = tasks;
  if (first === undefined) return previousText ?? "";
  if (previousText === null || previousText === "") {
    const title = `# Completed tasks${monthOf(first) === null ? " without a date" : `, ${monthOf(first)}`}`;
    return [title, "", ...tableLines(COMPLETED, tasks.map(completedEntry)), ""].join("\n");
  }
  const document = readDocument(previousText);
  const there = new Set(document.tasks.map(({ id }) => taskKey(id)));
  const added = tasks.filter(({ id }) => !there.has(taskKey(id))).map(completedEntry);
  if (added.length === 0) return previousText;
  if (document.problems.length > 0 || document.sheet === null) {
    const eol = previousText.includes("\r\n") ? "\r\n" : "\n";
    return `${previousText}${/[\r\n]$/.test(previousText) ? "" : eol}${eol}${tableLines(COMPLETED, added).join(eol)}${eol}`;
  }
  const edits = new Edits();
  const wanted = [...document.tasks.map(completedEntry), ...added];
  writeTable(document.sheet, document.rows, wanted, EMPTY_BOARD, document.lines, edits);
  return edits.apply(document.lines, previousText);
}
