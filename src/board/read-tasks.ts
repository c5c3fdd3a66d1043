import type { Board, Lease, Task } from "../domain/board.ts";
import { idKey, taskKey } from "../domain/identifier.ts";
import { resourceKey, task as taskResource } from "../domain/resource.ts";
import { completedEntry, type Entry, inProgressEntry, queueEntry, sameEntry } from "./entries.ts";
import type { SectionId } from "./sections.ts";
import type { RowReader } from "./sheet.ts";
import { rowsOf, type Source } from "./source.ts";
import { meaningful, placeholder, type TextRow } from "./text-row.ts";

export interface TaskReading {
  /** Queue rows, then in progress, then completed. */
  readonly tasks: readonly Task[];
  readonly leases: readonly Lease[];
  readonly rows: ReadonlyMap<SectionId, readonly TextRow[]>;
}

/** What one row says. */
interface Found {
  readonly task: Task;
  readonly lease: Lease | null;
  readonly entry: Entry;
}

/** What has been read of a task so far, to find a second row about it. */
interface Known {
  readonly found: Found;
  readonly line: number;
}

const leaseOf = (id: string, holder: string, since: number | null, fence: number | null): Lease => ({
  resource: taskResource(id),
  holder,
  fence,
  since,
  expires: null,
  reason: null,
});

/** Null, with a problem, when the row has no id. */
function readTask(row: RowReader, state: Task["state"]): Task | null {
  const id = row.text("id");
  if (id === null) return row.missing("missing_id", "this row has no id. Give it one, or empty the whole row.");
  const isDone = state === "done";
  return {
    id,
    title: row.text("task") ?? "",
    state,
    priority: isDone ? null : row.number("priority"),
    area: isDone ? null : row.text("area"),
    after: [],
    completedBy: isDone ? row.text("completedBy") : null,
    completedAt: isDone ? row.number("completedAt") : null,
    note: state === "in_progress" ? null : row.text("note"),
  };
}

function readInProgress(row: RowReader): Found | null {
  const task = row.isPlaceholder ? null : readTask(row, "in_progress");
  if (task === null) return null;
  const holder = row.text("claimedBy");
  const lease = holder === null ? null : leaseOf(task.id, holder, row.number("since"), row.number("fence"));
  if (lease === null) {
    row.missing(
      "unclaimed_in_progress",
      `nobody is named as working on ${task.id}. Write who it is into Claimed By, or move the row to Task Queue.`,
    );
  }
  return { task, lease, entry: inProgressEntry(task, lease) };
}

/** In the original system a task that was claimed stays in the queue for a moment. */
function readQueued(row: RowReader): Found | null {
  const read = row.isPlaceholder ? null : readTask(row, "queued");
  if (read === null) return null;
  const holder = row.text("claimedBy");
  const after = row.text("after")?.split(", ") ?? [];
  const task: Task = holder === null ? { ...read, after } : { ...read, state: "in_progress", note: null };
  const lease = holder === null ? null : leaseOf(task.id, holder, null, null);
  return { task, lease, entry: queueEntry(task, holder) };
}

function readCompleted(row: RowReader): Found | null {
  const task = row.isPlaceholder ? null : readTask(row, "done");
  return task && { task, lease: null, entry: completedEntry(task) };
}

/** Reads the three tables of tasks. A task is one row: FAILURES 14 compares their ids by taskKey. */
export function readTasks(source: Source): TaskReading {
  const known = new Map<string, Known>();
  /** Takes a task in, or says that its id is taken. */
  const admit = (row: RowReader, found: Found): boolean => {
    const earlier = known.get(found.entry.key);
    if (earlier) {
      row.problem(
        "duplicate_task",
        `the task ${found.task.id} also stands in line ${earlier.line + 1}. Keep the row that is right, and remove the other.`,
      );
      return false;
    }
    known.set(found.entry.key, { found, line: row.row.line });
    return true;
  };

  const inProgress: Task[] = [];
  const inProgressLeases: Lease[] = [];
  const inProgressRows = rowsOf(source, "inProgress").map((row): TextRow => {
    const found = row.memo(() => readInProgress(row));
    if (found === null || !admit(row, found)) return placeholder(row.row);
    inProgress.push(found.task);
    if (found.lease) inProgressLeases.push(found.lease);
    return meaningful(row.row, found.entry);
  });

  const queued: Task[] = [];
  const queueLeases: Lease[] = [];
  const queueRows = rowsOf(source, "queue").map((row): TextRow => {
    const found = row.memo(() => readQueued(row));
    if (found === null) return placeholder(row.row);
    const { task, lease } = found;
    const { found: twin, line = 0 } = known.get(found.entry.key) ?? {};
    if (twin?.lease && lease !== null && idKey(twin.lease.holder) === idKey(lease.holder)) {
      row.warning(
        "task_listed_twice",
        `${task.id} was claimed and also stands under In Progress (line ${line + 1}), which counts. Remove this row.`,
      );
      const contradicts = (board: Board) => {
        const now = progressOn(board, twin.entry.key);
        return now === null || !sameEntry(twin.entry, now);
      };
      return { ...placeholder(row.row), key: twin.entry.key, contradicts };
    }
    if (!admit(row, found)) return placeholder(row.row);
    queued.push(task);
    if (lease) queueLeases.push(lease);
    return meaningful(row.row, found.entry);
  });

  const completed: Task[] = [];
  const completedRows = rowsOf(source, "completed").map((row): TextRow => {
    const found = row.memo(() => readCompleted(row));
    if (found === null || !admit(row, found)) return placeholder(row.row);
    completed.push(found.task);
    return meaningful(row.row, found.entry);
  });

  return {
    tasks: [...queued, ...inProgress, ...completed],
    leases: [...queueLeases, ...inProgressLeases],
    rows: new Map([
      ["queue", queueRows],
      ["inProgress", inProgressRows],
      ["completed", completedRows],
    ]),
  };
}

/** What the In Progress table would say of a task on this board; null when nobody works on it. */
function progressOn(board: Board, key: string): Entry | null {
  const task = board.tasks.find(({ id, state }) => state === "in_progress" && taskKey(id) === key);
  const lease = task && board.leases.find(({ resource }) => resourceKey(resource) === `task:${key}`);
  return task && lease ? inProgressEntry(task, lease) : null;
}
