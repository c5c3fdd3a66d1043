import type { Board, Lease, Task } from "../domain/board.ts";
import { idKey, taskKey } from "../domain/identifier.ts";
import { resourceKey, task as taskResource } from "../domain/resource.ts";
import { completedEntry, type Entry, inProgressEntry, queueEntry, sameEntry } from "./entries.ts";
import type { SectionId } from "./sections.ts";
import type { RowReader } from "./sheet.ts";
import { mapRows, type Source } from "./source.ts";
import type { TableRow } from "./table.ts";
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
  const known = new Map<string, TextRow>();
  /** Takes a task in, or says that its id is taken. */
  const admit = ({ task, entry }: Found, row: TableRow, reader: () => RowReader): TextRow | null => {
    const earlier = known.get(entry.key);
    if (earlier) {
      reader().problem(
        "duplicate_task",
        `the task ${task.id} also stands in line ${earlier.row.line + 1}. Keep the row that is right, and remove the other.`,
      );
      return null;
    }
    const admitted = meaningful(row, entry);
    known.set(entry.key, admitted);
    return admitted;
  };

  /** Those that somebody works on. */
  const held = new Map<string, Found>();
  const inProgress: Task[] = [];
  const inProgressLeases: Lease[] = [];
  const inProgressRows = mapRows(source, "inProgress", readInProgress, (found, row, reader): TextRow => {
    const admitted = found && admit(found, row, reader);
    if (!found || !admitted) return placeholder(row);
    inProgress.push(found.task);
    if (found.lease) inProgressLeases.push(found.lease);
    if (found.lease) held.set(found.entry.key, found);
    return admitted;
  });

  const queued: Task[] = [];
  const queueLeases: Lease[] = [];
  const queueRows = mapRows(source, "queue", readQueued, (found, row, reader): TextRow => {
    if (found === null) return placeholder(row);
    const { task, lease } = found;
    const twin = lease === null ? undefined : held.get(found.entry.key);
    if (twin?.lease && lease !== null && idKey(twin.lease.holder) === idKey(lease.holder)) {
      const line = known.get(twin.entry.key)?.row.line ?? 0;
      reader().warning(
        "task_listed_twice",
        `${task.id} was claimed and also stands under In Progress (line ${line + 1}), which counts. Remove this row.`,
      );
      const contradicts = (board: Board) => {
        const now = progressOn(board, twin.entry.key);
        return now === null || !sameEntry(twin.entry, now);
      };
      return { ...placeholder(row), key: twin.entry.key, contradicts };
    }
    const admitted = admit(found, row, reader);
    if (!admitted) return placeholder(row);
    queued.push(task);
    if (lease) queueLeases.push(lease);
    if (lease) held.set(found.entry.key, found);
    return admitted;
  });

  const completed: Task[] = [];
  const completedRows = mapRows(source, "completed", readCompleted, (found, row, reader): TextRow => {
    const admitted = found && admit(found, row, reader);
    if (!found || !admitted) return placeholder(row);
    completed.push(found.task);
    return admitted;
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
