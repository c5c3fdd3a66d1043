import { addArchived, isArchived } from "../archived.ts";
import type { Board, Lease, Task } from "../board.ts";
import { viewLease } from "../expiry.ts";
import { idKey, taskKey } from "../identifier.ts";
import { wholeSecond } from "../instant.ts";
import { archivedIds, findTask, nextTaskId, taskLease, viewTask } from "../queue.ts";
import type { Actor, Add, Complete, Release } from "../request.ts";
import { type Resource, task as taskResource } from "../resource.ts";
import { dropLease, leasesOf, standingOf, touch } from "../session.ts";
import { ARCHIVED_TASKS, readSettings, settingText, withSetting } from "../settings.ts";
import type { Context, Refusal, Verdict } from "../verdict.ts";
import { signOfLifeIfKnown } from "./presence.ts";

const refused = (refusal: Refusal): Verdict => ({ kind: "refused", refusal });

/** Puts a task at the end of the queue. The same id with the same title again is success. */
export function add(board: Board, actor: Actor, wish: Add, context: Context): Verdict {
  const presence = signOfLifeIfKnown(board, actor, context);
  if (!presence.ok) return refused(presence.refusal);
  const archived = archivedIds(board);
  const stranger = wish.after.find((id) => !findTask(board, id) && !isArchived(archived, id));
  if (stranger !== undefined) return refused({ kind: "unknown_dependency", id: stranger });
  const old = wish.id === null ? undefined : findTask(board, wish.id);
  if (old?.title === wish.title) return { kind: "unchanged", grant: { op: "add", task: viewTask(board, old) } };
  if (wish.id !== null && (old || isArchived(archived, wish.id))) return refused({ kind: "task_exists", id: wish.id });
  const task: Task = {
    id: wish.id ?? nextTaskId(board),
    title: wish.title,
    state: "queued",
    priority: wish.priority,
    area: wish.area,
    after: wish.after.map((id) => findTask(board, id)?.id ?? id),
    completedBy: null,
    completedAt: null,
    note: null,
  };
  const queued = presence.board.tasks.filter((other) => other.state === "queued");
  const rest = presence.board.tasks.filter((other) => other.state !== "queued");
  const next = { ...presence.board, tasks: [...queued, task, ...rest] };
  return {
    kind: "granted",
    board: next,
    grant: { op: "add", task: viewTask(next, task) },
    evidence: presence.evidence,
    archived: [],
  };
}

type Holding =
  | { readonly ok: true; readonly task: Task; readonly lease: Lease; readonly locked: readonly Lease[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** The task, the actor's lease on it, and what was locked with it: the locks whose reason is this task. */
function heldTask(board: Board, actor: Actor, id: string, context: Context): Holding {
  const standing = standingOf(board, actor, context);
  if (standing.kind === "taken") {
    return { ok: false, refusal: { kind: "identity_taken", orchestrator: standing.row } };
  }
  const task = findTask(board, id);
  if (!task) {
    const known = isArchived(archivedIds(board), id);
    return { ok: false, refusal: { kind: known ? "task_archived" : "no_such_task", id } };
  }
  const lease = taskLease(board, id);
  if (!lease || idKey(lease.holder) !== idKey(actor.id)) {
    const now = lease ? viewLease(board, lease) : null;
    return { ok: false, refusal: { kind: "lost", resource: taskResource(task.id), now } };
  }
  const locked = leasesOf(board, actor.id).filter(
    (other) => other !== lease && other.reason !== null && taskKey(other.reason) === taskKey(id),
  );
  return { ok: true, task, lease, locked };
}

function dropAll(
  board: Board,
  leases: readonly Lease[],
  why: string | null,
): { board: Board; released: readonly Resource[] } {
  return {
    board: leases.reduce((state, lease) => dropLease(state, lease, why), board),
    released: leases.map((lease) => lease.resource),
  };
}

/** Completes a task and gives back what was locked with it. Asking again for what one completed is success. */
export function complete(board: Board, actor: Actor, wish: Complete, context: Context): Verdict {
  const finished = findTask(board, wish.task);
  if (finished?.state === "done" && idKey(finished.completedBy ?? "") === idKey(actor.id)) {
    return { kind: "unchanged", grant: { op: "complete", task: viewTask(board, finished), released: [] } };
  }
  if (finished?.state === "done") return refused({ kind: "task_finished", task: viewTask(board, finished) });
  const held = heldTask(board, actor, wish.task, context);
  if (!held.ok) return refused(held.refusal);

  const { board: freed, released } = dropAll(board, [held.lease, ...held.locked], null);
  const done: Task = {
    ...held.task,
    state: "done",
    priority: null,
    area: null,
    after: [],
    completedBy: actor.id,
    completedAt: wholeSecond(context.at),
    note: wish.note,
  };
  const others = freed.tasks.filter((task) => taskKey(task.id) !== taskKey(done.id));
  const firstDone = others.findIndex((task) => task.state === "done");
  const at = firstDone === -1 ? others.length : firstDone;
  const listed = { ...freed, tasks: [...others.slice(0, at), done, ...others.slice(at)] };
  const { board: bounded, archived } = archiveOldest(listed);
  return {
    kind: "granted",
    board: touch(bounded, actor, context),
    grant: { op: "complete", task: viewTask(listed, done), released },
    evidence: [],
    archived,
  };
}

/** Moves completed tasks beyond the bound off the board; their ids stay known in Settings. */
function archiveOldest(board: Board): { board: Board; archived: readonly Task[] } {
  const done = board.tasks.filter((task) => task.state === "done");
  const archived = done.slice(readSettings(board).completedShown);
  if (archived.length === 0) return { board, archived };
  const line = addArchived(
    settingText(board, ARCHIVED_TASKS),
    archived.map((task) => task.id),
  );
  const tasks = board.tasks.filter((task) => !archived.includes(task));
  return { board: { ...board, tasks, settings: withSetting(board.settings, ARCHIVED_TASKS, line) }, archived };
}

/** Gives a task back to the queue, with what was locked with it. */
export function release(board: Board, actor: Actor, wish: Release, context: Context): Verdict {
  const held = heldTask(board, actor, wish.task, context);
  if (!held.ok) return refused(held.refusal);
  const { board: freed, released } = dropAll(board, [held.lease, ...held.locked], wish.note);
  const next = touch(freed, actor, context);
  const task = viewTask(next, findTask(next, wish.task) as Task);
  return { kind: "granted", board: next, grant: { op: "release", task, released }, evidence: [], archived: [] };
}
