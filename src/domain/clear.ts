import type { Board, Lease, Waiter } from "./board.ts";
import { evidenceFor, isOver, leaseExpiry, observe, viewLease } from "./expiry.ts";
import { idKey } from "./identifier.ts";
import { wholeSecond } from "./instant.ts";
import { leasesAhead, observeWaiter, placeInLine, waitingEnds, withoutRows } from "./line.ts";
import { readyTasks } from "./queue.ts";
import type { Actor } from "./request.ts";
import { covers, overlaps, type Resource } from "./resource.ts";
import { excessOf, hasPlace, rivalsOf } from "./rivals.ts";
import { reap } from "./session.ts";
import type { Settings } from "./settings.ts";
import type { Context, Evidence, Refusal } from "./verdict.ts";

export const isOwn = (lease: Lease, actor: Actor): boolean => idKey(lease.holder) === idKey(actor.id);

export type Clearing =
  | { readonly ok: true; readonly board: Board; readonly evidence: readonly Evidence[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** Frees the slot that `resource` needs, from expired leases of others only. */
function clearWay(board: Board, actor: Actor, resource: Resource, settings: Settings, context: Context): Clearing {
  const rivals = rivalsOf(board, board.leases, actor.id, resource);
  const proofs = rivals.map((lease) => ({ lease, proof: evidenceFor(observe(board, lease), context, settings) }));
  const evidence: Evidence[] = [];
  let next = board;
  const excess = () => excessOf(board, resource, rivals.filter((lease) => next.leases.includes(lease)).length);
  for (const { lease, proof } of proofs) {
    if (excess() === 0) break;
    // The same holder's end may have freed it already.
    if (proof === null || !next.leases.includes(lease)) continue;
    const reaped = reap(next, lease, proof, context);
    next = reaped.board;
    evidence.push(...reaped.evidence);
  }
  const inTheWay = proofs.find(({ proof }) => proof === null)?.lease;
  if (excess() > 0 && inTheWay) return { ok: false, refusal: heldBy(board, inTheWay, resource, context, actor) };
  return { ok: true, board: next, evidence };
}

/** Goes past those before the actor in the line whose turn has provably passed unused; whose turn it is refuses. */
function passLine(board: Board, actor: Actor, resource: Resource, settings: Settings, context: Context): Clearing {
  const evidence: Evidence[] = [];
  let next = board;
  for (;;) {
    const { leases, wishes } = leasesAhead(next, actor.id, resource);
    if (hasPlace(next, leases, actor.id, resource)) return { ok: true, board: next, evidence };
    const rows = wishes.flatMap((wish) => wish.rows.map((row) => ({ row, wish })));
    const inTheWay = rows.filter(({ row }) => overlaps(row.resource, resource));
    const proven = inTheWay
      .map(({ row, wish }) => ({ wish, proof: evidenceFor(observeWaiter(row, settings), context, settings) }))
      .find(({ proof }) => proof !== null);
    const first = inTheWay[0]?.row;
    if (proven?.proof) {
      next = withoutRows(next, (row) => proven.wish.rows.includes(row));
      evidence.push(proven.proof);
    } else if (first) {
      return { ok: false, refusal: keptFor(next, first, resource, settings, context, actor) };
    } else {
      return { ok: true, board: next, evidence };
    }
  }
}

/** Somebody else has it. `actor`: whose place in the line is told. */
export function heldBy(board: Board, lease: Lease, wanted: Resource, context: Context, actor: Actor): Refusal {
  return {
    kind: "held",
    lease: viewLease(board, lease),
    wanted,
    expired: isOver(leaseExpiry(board, lease), context.clock),
    isKept: false,
    ...placeInLine(board, actor.id, wanted),
    ready: readyTasks(board, context).map((task) => task.id),
  };
}

/** It is free, but it is the turn of somebody who has waited for it. */
function keptFor(
  board: Board,
  row: Waiter,
  wanted: Resource,
  settings: Settings,
  context: Context,
  actor: Actor,
): Refusal {
  const { resource, orchestrator: holder, turn: since } = row;
  const expires = waitingEnds({ ...row, turn: since ?? wholeSecond(context.at) }, settings);
  const lease = { resource, holder, fence: null, since, expires, reason: null };
  return {
    ...(heldBy(board, lease, wanted, context, actor) as Extract<Refusal, { kind: "held" }>),
    lease,
    isKept: true,
  };
}

/** Whether the actor has a live lease that is as good as one on this resource: then it needs nobody's place. */
function isHeld(board: Board, actor: Actor, resource: Resource, context: Context): boolean {
  return board.leases.some(
    (lease) =>
      isOwn(lease, actor) && covers(lease.resource, resource) && !isOver(leaseExpiry(board, lease), context.at),
  );
}

/** Expired leases of others that are in the way go, and so do those in the line who have not used their turn. */
export function clearAll(
  board: Board,
  actor: Actor,
  resources: readonly Resource[],
  settings: Settings,
  context: Context,
): Clearing {
  const evidence: Evidence[] = [];
  let next = board;
  const needed = resources.filter((resource) => !isHeld(board, actor, resource, context));
  for (const resource of needed) {
    const cleared = clearWay(next, actor, resource, settings, context);
    if (!cleared.ok) return cleared;
    evidence.push(...cleared.evidence);
    next = cleared.board;
  }
  for (const resource of needed) {
    const passed = passLine(next, actor, resource, settings, context);
    if (!passed.ok) return passed;
    evidence.push(...passed.evidence);
    next = passed.board;
  }
  return { ok: true, board: next, evidence };
}
