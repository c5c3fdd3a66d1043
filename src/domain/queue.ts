import { type ArchivedIds, isArchived, lastArchived, parseArchived } from "./archived.ts";
import type { Board, Lease, Task } from "./board.ts";
import { evidenceFor, observe } from "./expiry.ts";
import { type TaskId, taskKey } from "./identifier.ts";
import { ARCHIVED_TASKS, readSettings, settingText } from "./settings.ts";
import type { Context, TaskView } from "./verdict.ts";

export function findTask(board: Board, id: TaskId): Task | undefined {
  const key = taskKey(id);
  return board.tasks.find((task) => taskKey(task.id) === key);
}

export function taskLease({ leases }: Board, id: TaskId): Lease | undefined {
  const known = byTask.get(leases) ?? indexed(leases);
  byTask.set(leases, known);
  return known.get(taskKey(id));
}

/** The leases of tasks, by the list that they stand in: who shows a board asks for each of its tasks. */
const byTask = new WeakMap<Board["leases"], ReadonlyMap<string, Lease>>();

/** Of several on one task, which is a contradiction, the first. */
function indexed(leases: Board["leases"]): ReadonlyMap<string, Lease> {
  const index = new Map<string, Lease>();
  for (const lease of leases) {
    if (lease.resource.kind !== "task") continue;
    const key = taskKey(lease.resource.name);
    if (!index.has(key)) index.set(key, lease);
  }
  return index;
}

export function viewTask(board: Board, task: Task): TaskView {
  const lease = taskLease(board, task.id);
  return {
    ...task,
    claimedBy: lease?.holder ?? null,
    since: lease?.since ?? null,
    fence: lease?.fence ?? null,
  };
}

/** Ids of finished tasks that have left the board. */
export function archivedIds(board: Board): ArchivedIds {
  return parseArchived(settingText(board, ARCHIVED_TASKS)) ?? { ranges: new Map(), others: new Set() };
}

/** A lookup of what is finished, on the board or archived. */
export function finishedTasks(board: Board): (id: TaskId) => boolean {
  const archived = archivedIds(board);
  const done = new Set(board.tasks.filter((task) => task.state === "done").map((task) => taskKey(task.id)));
  return (id) => done.has(taskKey(id)) || isArchived(archived, id);
}

/** The dependencies of a task that are not finished yet. An id that nobody knows counts as unfinished. */
export function unfinished(board: Board, task: Task): readonly TaskId[] {
  const isFinished = finishedTasks(board);
  return task.after.filter((id) => !isFinished(id));
}

/**
 * What can be claimed now, best first: the smallest priority number, then the longest on the board. A task
 * in progress whose holder is provably gone can be claimed as well.
 */
export function readyTasks(board: Board, context: Context, area: string | null = null): readonly Task[] {
  // Sorting is stable: of two with the same priority the older one stays in front.
  return [...claimable(board, context, area)].sort((a, b) => rank(a) - rank(b));
}

/** The first of {@link readyTasks}, without sorting the others. */
export function nextReady(board: Board, context: Context, area: string | null = null): Task | undefined {
  let best: Task | undefined;
  for (const task of claimable(board, context, area)) if (!best || rank(task) < rank(best)) best = task;
  return best;
}

const rank = ({ priority }: Task): number => priority ?? Number.MAX_SAFE_INTEGER;

function claimable(board: Board, context: Context, area: string | null): readonly Task[] {
  const settings = readSettings(board);
  const isFinished = finishedTasks(board);
  const leases = new Map(board.leases.map((lease) => [keyOf(lease), lease]));
  const abandoned = (task: Task): boolean => {
    const lease = leases.get(`task:${taskKey(task.id)}`);
    return lease !== undefined && evidenceFor(observe(board, lease), context, settings) !== null;
  };
  const isFree = (task: Task): boolean =>
    task.state === "queued" ? task.after.every(isFinished) : task.state === "in_progress" && abandoned(task);
  return board.tasks.filter((task) => (area === null || sameArea(task.area, area)) && isFree(task));
}

const keyOf = (lease: Lease): string => (lease.resource.kind === "task" ? `task:${taskKey(lease.resource.name)}` : "");

function sameArea(area: string | null, wanted: string): boolean {
  return area !== null && area.trim().toLowerCase() === wanted.trim().toLowerCase();
}

/** Whether a task of that id is or was on the board: then a bare name means the task, and not a lock. */
export function isTaskId(board: Board, id: string): boolean {
  return findTask(board, id) !== undefined || isArchived(archivedIds(board), id);
}

/** The next id of the form `T<number>` that no task has or ever had (DESIGN 4: ids are never reused). */
export function nextTaskId(board: Board): TaskId {
  const used = board.tasks.map((task) => Number(/^t(\d{1,15})$/.exec(taskKey(task.id))?.[1] ?? 0));
  const last = used.reduce((most, number) => Math.max(most, number), lastArchived(archivedIds(board), "t"));
  let next = last + 1;
  while (isTaskId(board, `T${next}`)) next += 1;
  return `T${String(next).padStart(3, "0")}`;
}

/** Puts a task in progress back to the front of the queue, it has waited longest, with a note of why. */
export function backToQueue(board: Board, id: TaskId, note: string | null): Board {
  const task = findTask(board, id);
  if (task?.state !== "in_progress") return board;
  return { ...board, tasks: [{ ...task, state: "queued", note }, ...board.tasks.filter((other) => other !== task)] };
}

/** Moves a queued task behind the last one in progress. */
export function toProgress(board: Board, id: TaskId): Board {
  const task = findTask(board, id);
  if (task?.state !== "queued") return board;
  const others = board.tasks.filter((other) => other !== task);
  const firstDone = others.findIndex((other) => other.state === "done");
  const end = firstDone === -1 ? others.length : firstDone;
  return {
    ...board,
    tasks: [...others.slice(0, end), { ...task, state: "in_progress", after: [], note: null }, ...others.slice(end)],
  };
}
