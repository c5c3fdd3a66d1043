import type { Board, BoardProblem } from "../domain/board.ts";
import { LIMITS, textProblem, tooManyLines } from "./limits.ts";
import { splitLines } from "./lines.ts";
import { locateTable } from "./locate.ts";
import { type BuildReading, readBuildLock } from "./read-build.ts";
import { readFileLocks, readNamedLocks } from "./read-locks.ts";
import { readOrchestrators, readSettingRows, readWaiters } from "./read-people.ts";
import { readTasks } from "./read-tasks.ts";
import { Report } from "./report.ts";
import { FIELD_COLUMNS, type SectionId } from "./sections.ts";
import { nameColumns, type Sheet } from "./sheet.ts";
import { newBudget } from "./skeleton.ts";
import type { Source } from "./source.ts";
import { type Split, splitSections } from "./split.ts";
import type { TextRow } from "./text-row.ts";

/** A board together with the text it was read from: everything that writing into that text needs. */
export interface BoardDocument extends Source, Split {
  readonly board: Board;
  readonly bom: string;
  readonly build: BuildReading;
  readonly rows: ReadonlyMap<SectionId, readonly TextRow[]>;
}

export type DocumentReading =
  | { readonly ok: true; readonly document: BoardDocument; readonly warnings: readonly BoardProblem[] }
  | { readonly ok: false; readonly problems: readonly BoardProblem[] };

const BOM = "\ufeff";

/** The readings of the last texts: a board is read, written into, and what came of it read again. */
const latest: { readonly text: string; readonly reading: DocumentReading }[] = [];
const KEPT = 2;

/** {@link readAfresh}, once for the texts that are in use. Readings are never changed, so sharing them is safe. */
export function readDocument(text: string): DocumentReading {
  const known = latest.find((each) => each.text === text);
  if (known) return known.reading;
  const reading = readAfresh(text);
  latest.unshift({ text, reading });
  latest.length = Math.min(latest.length, KEPT);
  return reading;
}

/** The whole way from text to board: limits, lines, sections, tables, columns, rows. */
function readAfresh(text: string): DocumentReading {
  const unfit = textProblem(text);
  if (unfit) return { ok: false, problems: [unfit] };
  const bom = text.startsWith(BOM) ? BOM : "";
  const lines = splitLines(text.slice(bom.length), LIMITS.lines);
  const tooLong = tooManyLines(lines);
  if (tooLong) return { ok: false, problems: [tooLong] };
  const report = new Report();
  const split = splitSections(lines, report);
  const budget = newBudget();
  const sheets = new Map<SectionId, Sheet>();
  for (const { shape, start, end } of split.sections.values()) {
    const table = locateTable(lines, split.kinds, { title: shape.title, start, end }, budget, report);
    const columns = shape.id === "buildLock" ? FIELD_COLUMNS : shape.columns;
    const sheet = table && nameColumns(shape.title, columns, table, lines, report);
    if (sheet) sheets.set(shape.id, sheet);
  }
  const source: Source = { lines, sheets, report };
  const build = readBuildLock(source);
  const tasks = readTasks(source);
  const named = readNamedLocks(source, build);
  const files = readFileLocks(source);
  const orchestrators = readOrchestrators(source);
  const waiters = readWaiters(source);
  const settings = readSettingRows(source);
  if (!report.isClean) return { ok: false, problems: report.problems };

  const board: Board = {
    orchestrators: orchestrators.items,
    tasks: tasks.tasks,
    leases: [...(build.lease ? [build.lease] : []), ...tasks.leases, ...named.leases, ...files.leases],
    locks: named.locks,
    waiters: waiters.items,
    settings: settings.items,
  };
  const rows = new Map<SectionId, readonly TextRow[]>([
    ...tasks.rows,
    ["orchestrators", orchestrators.rows],
    ["namedLocks", named.rows],
    ["waiting", waiters.rows],
    ["fileLocks", files.rows],
    ["settings", settings.rows],
  ]);
  return { ok: true, document: { ...source, ...split, board, bom, build, rows }, warnings: report.warnings };
}
