import { isArchived } from "../archived.ts";
import type { Board, Task } from "../board.ts";
import { viewLease } from "../expiry.ts";
import { archivedIds, findTask, nextReady, readyTasks, taskLease, unfinished, viewTask } from "../queue.ts";
import type { Actor, Claim } from "../request.ts";
import { task as taskResource } from "../resource.ts";
import { enter, isFading, touch } from "../session.ts";
import { takeAll } from "../take.ts";
import type { Context, Grant, Refusal, Verdict } from "../verdict.ts";

/**
 * Claims a task with its files and locks, all or nothing. With `task: null` the first ready one is taken;
 * after a lost race the same request is decided again and goes on to the following one.
 */
export function claim(board: Board, actor: Actor, wish: Claim, context: Context): Verdict {
  const entry = enter(board, actor, context);
  if (!entry.ok) return { kind: "refused", refusal: entry.refusal };
  const choice = wish.task === null ? first(entry.board, wish, context) : named(entry.board, wish.task, context);
  if (!choice.ok) return { kind: "refused", refusal: choice.refusal };

  const wanted = [taskResource(choice.task.id), ...wish.with];
  const taking = takeAll(entry.board, actor, wanted, { ttl: null, reason: choice.task.id }, context);
  if (!taking.ok) return { kind: "refused", refusal: taking.refusal };
  const after = touch(taking.board, actor, context);
  const grant = (state: Board): Grant => ({
    op: "claim",
    task: viewTask(state, findTask(state, choice.task.id) as Task),
    fence: taskLease(state, choice.task.id)?.fence ?? context.seq,
    leases: taking.leases.map((lease) => viewLease(state, lease)),
  });
  const nothingNew = !taking.changed && entry.evidence.length === 0 && !isFading(board, actor.id, context.at);
  if (nothingNew) return { kind: "unchanged", grant: grant(board) };
  return {
    kind: "granted",
    board: after,
    grant: grant(after),
    evidence: [...entry.evidence, ...taking.evidence],
    archived: [],
  };
}

type Choice = { readonly ok: true; readonly task: Task } | { readonly ok: false; readonly refusal: Refusal };

function first(board: Board, wish: Claim, context: Context): Choice {
  const task = nextReady(board, context, wish.area);
  if (task) return { ok: true, task };
  const inState = (state: Task["state"]) => board.tasks.filter((other) => other.state === state).length;
  const refusal: Refusal = {
    kind: "nothing_ready",
    area: wish.area,
    queued: inState("queued"),
    inProgress: inState("in_progress"),
  };
  return { ok: false, refusal };
}

function named(board: Board, id: string, context: Context): Choice {
  const task = findTask(board, id);
  if (!task) {
    const known = isArchived(archivedIds(board), id);
    return { ok: false, refusal: { kind: known ? "task_archived" : "no_such_task", id } };
  }
  if (task.state === "done") return { ok: false, refusal: { kind: "task_finished", task: viewTask(board, task) } };
  const waitsFor = unfinished(board, task);
  const isFree = taskLease(board, id) === undefined;
  if (isFree && waitsFor.length > 0) {
    const ready = readyTasks(board, context).map((other) => other.id);
    return { ok: false, refusal: { kind: "task_blocked", id: task.id, waitsFor, ready } };
  }
  return { ok: true, task };
}
