import type { Board, Lease, Orchestrator } from "./board.ts";
import { evidenceFor, findOrchestrator, isOver, observeSession, sessionExpiry } from "./expiry.ts";
import { idKey, type OrchestratorId, type TaskId } from "./identifier.ts";
import { formatInstant, type Instant, wholeSecond } from "./instant.ts";
import { ruleOf } from "./lock-rule.ts";
import { backToQueue } from "./queue.ts";
import type { Actor } from "./request.ts";
import { machineName } from "./rivals.ts";
import { readSettings } from "./settings.ts";
import type { Context, Evidence, Refusal } from "./verdict.ts";

/** Who an actor is on this board. */
export type Standing =
  | { readonly kind: "unknown" }
  | { readonly kind: "known"; readonly row: Orchestrator }
  /** The id belongs to another session; `over` when that one has provably ended. */
  | { readonly kind: "taken"; readonly row: Orchestrator; readonly over: Evidence | null };

/** Compares the session, not only the id: one id in two places must not be told "yours" in turn (FAILURES 15). */
export function standingOf(board: Board, actor: Actor, context: Context): Standing {
  const row = findOrchestrator(board, actor.id);
  if (!row) return { kind: "unknown" };
  if (row.session === null || row.session === actor.session) return { kind: "known", row };
  const settings = readSettings(board);
  return { kind: "taken", row, over: evidenceFor(observeSession(row, settings), context, settings) };
}

export function leasesOf(board: Board, id: OrchestratorId): readonly Lease[] {
  return board.leases.filter((lease) => idKey(lease.holder) === idKey(id));
}

export type Entry =
  | { readonly ok: true; readonly board: Board; readonly evidence: readonly Evidence[] }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * Makes sure that the actor stands on the board with its own session, and counts this as a sign of life.
 * - Nobody of that id yet: it is registered. Leases that already bear the id get a new fence, because
 *   whoever held them before was another session.
 * - Another session's id: refused while that session may be alive; once it is provably over, everything it
 *   held is freed first.
 */
export function enter(board: Board, actor: Actor, context: Context): Entry {
  const standing = standingOf(board, actor, context);
  switch (standing.kind) {
    case "taken": {
      if (!standing.over) return { ok: false, refusal: { kind: "identity_taken", orchestrator: standing.row } };
      const freed = withoutOrchestrator(board, standing.row.id, endedNote(standing.over));
      return { ok: true, board: register(freed, actor, context), evidence: [standing.over] };
    }
    case "unknown":
      return { ok: true, board: register(board, actor, context), evidence: [] };
    case "known":
      return { ok: true, board: signOfLife(board, standing.row, actor, context), evidence: [] };
  }
}

function register(board: Board, actor: Actor, context: Context): Board {
  const row: Orchestrator = {
    id: actor.id,
    status: "Active",
    currentTask: null,
    lastSeen: null,
    host: null,
    session: actor.session,
    expires: null,
  };
  const leases = board.leases.map((lease) =>
    idKey(lease.holder) === idKey(actor.id) ? regrant(lease, context) : lease,
  );
  return touch({ ...board, orchestrators: [...board.orchestrators, row], leases }, actor, context);
}

/** A lease of a session that had ended is granted anew, so that the old fence protects nothing any more (FAILURES 18). */
function signOfLife(board: Board, row: Orchestrator, actor: Actor, context: Context): Board {
  const ended = isOver(sessionExpiry(row, readSettings(board)), context.at);
  const leases = board.leases.map((lease) => {
    const live = lease.resource.kind === "task" && idKey(lease.holder) === idKey(row.id);
    return ended && live ? regrant(lease, context) : lease;
  });
  return touch({ ...board, leases }, actor, context);
}

export function regrant(lease: Lease, context: Context): Lease {
  return { ...lease, fence: context.seq, since: wholeSecond(context.at) };
}

/**
 * Last Seen, Expires and Current Task of one orchestrator, after its leases changed. A session outlives
 * every lease of its orchestrator, so that a lock taken for two hours is not lost to a silent quarter.
 */
export function touch(board: Board, actor: Actor, context: Context): Board {
  const at = wholeSecond(context.at);
  const { sessionTime } = readSettings(board);
  const held = leasesOf(board, actor.id);
  // Merely waiting costs no commits: who holds nothing stays as long as it waits.
  const waits = held.length > 0 ? [] : board.waiters.filter((row) => idKey(row.orchestrator) === idKey(actor.id));
  const ends = [...held.map((lease) => lease.expires ?? 0), ...waits.map(({ until }) => until ?? 0)];
  const touched = changeRow(board, actor.id, (row) => ({
    ...row,
    lastSeen: at,
    host: hostOf(board, row, actor),
    session: actor.session,
    expires: Math.max(at + sessionTime, ...ends),
  }));
  return showCurrentTask(touched, actor.id);
}

/**
 * The machine as the board shows it: a name given at joining, `laptop (reviewer)`, stays until another is given.
 * Whoever holds a lock that is counted machine by machine stays on its machine as long.
 */
export function hostOf(board: Board, row: Orchestrator, actor: Actor): string {
  if (row.host === null || machineName(row.host) === machineName(actor.host)) {
    return row.host?.startsWith(`${actor.host} (`) ? row.host : actor.host;
  }
  const isBound = leasesOf(board, row.id).some(({ resource }) => ruleOf(board, resource).scope === "host");
  return isBound ? row.host : actor.host;
}

/** Whether so much of the session is gone that a request which changes nothing else should be written for its sign of life. */
export function isFading(board: Board, id: OrchestratorId, at: Instant): boolean {
  const row = findOrchestrator(board, id);
  const { sessionTime } = readSettings(board);
  return row === undefined || row.expires === null || row.expires - at < sessionTime / 2;
}

/** Writes into the Current Task column what the leases say. */
export function showCurrentTask(board: Board, id: OrchestratorId): Board {
  const tasks: TaskId[] = leasesOf(board, id)
    .filter((lease) => lease.resource.kind === "task")
    .map((lease) => lease.resource.name);
  return changeRow(board, id, (row) => ({ ...row, currentTask: tasks.join(", ") || null }));
}

/** Changes one orchestrator's row. */
export function changeRow(board: Board, id: OrchestratorId, change: (row: Orchestrator) => Orchestrator): Board {
  return {
    ...board,
    orchestrators: board.orchestrators.map((row) => (idKey(row.id) === idKey(id) ? change(row) : row)),
  };
}

/** The board after an orchestrator has gone: its tasks are queued again, its locks free, its waiting over. */
export function withoutOrchestrator(board: Board, id: OrchestratorId, why: string): Board {
  const held = leasesOf(board, id);
  const freed = held.reduce((state, lease) => dropLease(state, lease, why), board);
  return {
    ...freed,
    orchestrators: freed.orchestrators.filter((row) => idKey(row.id) !== idKey(id)),
    waiters: freed.waiters.filter((waiter) => idKey(waiter.orchestrator) !== idKey(id)),
  };
}

/** Takes one lease away; a task that was in progress is queued again, with a note of why. */
export function dropLease(board: Board, lease: Lease, why: string | null): Board {
  const leases = board.leases.filter((other) => other !== lease);
  const left = { ...board, leases };
  const queued = lease.resource.kind === "task" ? backToQueue(left, lease.resource.name, why) : left;
  return showCurrentTask(queued, lease.holder);
}

/**
 * Takes away a lease that is provably over. When its holder's whole session is over as well, everything that it
 * held goes with it: whoever needs one thing of the dead reaps them.
 */
export function reap(
  board: Board,
  lease: Lease,
  proof: Evidence,
  context: Context,
): { readonly board: Board; readonly evidence: readonly Evidence[] } {
  const settings = readSettings(board);
  const row = findOrchestrator(board, lease.holder);
  const session = row ? evidenceFor(observeSession(row, settings), context, settings) : null;
  if (row && session)
    return { board: withoutOrchestrator(board, row.id, endedNote(session)), evidence: [proof, session] };
  return { board: dropLease(board, lease, endedNote(proof)), evidence: [proof] };
}

/** Why a task is back on the queue, as the board tells it. */
export function endedNote({ holder, expires }: Evidence): string {
  return `given up by ${holder}: its time was over at ${expires === null ? "some time" : formatInstant(expires)}`;
}
