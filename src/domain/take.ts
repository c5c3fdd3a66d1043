import type { Board, Lease } from "./board.ts";
import { defaultTime, evidenceFor, isOver, leaseExpiry, observe, viewLease } from "./expiry.ts";
import { idKey } from "./identifier.ts";
import { type Duration, type Instant, wholeSecond } from "./instant.ts";
import { readyTasks, toProgress } from "./queue.ts";
import type { Actor } from "./request.ts";
import { BUILD, covers, overlaps, type Resource, sameResource } from "./resource.ts";
import { dropLease, regrant } from "./session.ts";
import { readSettings } from "./settings.ts";
import type { Context, Evidence, Refusal } from "./verdict.ts";

export interface Terms {
  /** Null: the time that Settings give to each kind. */
  readonly ttl: Duration | null;
  readonly reason: string | null;
}

export type Taking =
  | {
      readonly ok: true;
      readonly board: Board;
      /** The leases that now give the actor what it wanted, in the order wanted. */
      readonly leases: readonly Lease[];
      readonly evidence: readonly Evidence[];
      /** False when the actor had all of it already, with enough time left. */
      readonly changed: boolean;
    }
  | { readonly ok: false; readonly refusal: Refusal };

/** How many may hold a resource at once. */
export function slotsOf(board: Board, resource: Resource): number {
  if (resource.kind !== "lock") return 1;
  return board.locks.find((declared) => idKey(declared.name) === idKey(resource.name))?.slots ?? 1;
}

/**
 * The kernel: gives `actor` a lease on everything it wants, or nothing at all.
 * Of other holders' leases that stand in the way, the provably expired ones are taken, with their evidence;
 * the first live one refuses everything.
 */
export function takeAll(
  board: Board,
  actor: Actor,
  wanted: readonly Resource[],
  terms: Terms,
  context: Context,
): Taking {
  let next = board;
  let changed = false;
  const evidence: Evidence[] = [];
  const leases: Lease[] = [];
  for (const wish of wanted) {
    const resource = spelt(board, wish);
    const cleared = clearWay(next, actor, resource, context);
    if (!cleared.ok) return cleared;
    const taken = takeOne(cleared.board, actor, resource, terms, context);
    changed ||= cleared.evidence.length > 0 || taken.changed;
    evidence.push(...cleared.evidence);
    if (!leases.includes(taken.lease)) leases.push(taken.lease);
    next = taken.board;
  }
  return { ok: true, board: next, leases, evidence, changed };
}

/** A lock is called on the board what it was called when it was declared. */
function spelt(board: Board, resource: Resource): Resource {
  if (resource.kind !== "lock") return resource;
  if (sameResource(resource, BUILD)) return BUILD;
  const declared = board.locks.find((each) => idKey(each.name) === idKey(resource.name));
  return declared ? { ...resource, name: declared.name } : resource;
}

const isOwn = (lease: Lease, actor: Actor): boolean => idKey(lease.holder) === idKey(actor.id);

type Clearing =
  | { readonly ok: true; readonly board: Board; readonly evidence: readonly Evidence[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** Frees the slot that `resource` needs, from expired leases of others only. */
function clearWay(board: Board, actor: Actor, resource: Resource, context: Context): Clearing {
  const settings = readSettings(board);
  const rivals = board.leases.filter((lease) => !isOwn(lease, actor) && overlaps(lease.resource, resource));
  const proofs = rivals.map((lease) => ({ lease, proof: evidenceFor(observe(board, lease), context, settings) }));
  // A file needs every overlapping lease gone; a lock with slots needs only one free slot.
  let excess = resource.kind === "file" ? rivals.length : rivals.length - slotsOf(board, resource) + 1;
  const evidence: Evidence[] = [];
  let next = board;
  for (const { lease, proof } of proofs) {
    if (excess <= 0) break;
    if (proof === null) continue;
    next = dropLease(next, lease);
    evidence.push(proof);
    excess -= 1;
  }
  const inTheWay = proofs.find(({ proof }) => proof === null)?.lease;
  if (excess > 0 && inTheWay) return { ok: false, refusal: heldBy(board, inTheWay, resource, context) };
  return { ok: true, board: next, evidence };
}

export function heldBy(board: Board, lease: Lease, wanted: Resource, context: Context): Refusal {
  return {
    kind: "held",
    lease: viewLease(board, lease),
    wanted,
    expired: isOver(leaseExpiry(board, lease), context.clock),
    ready: readyTasks(board, context).map((task) => task.id),
  };
}

function takeOne(board: Board, actor: Actor, resource: Resource, terms: Terms, context: Context) {
  const settings = readSettings(board);
  const time = terms.ttl ?? defaultTime(resource, settings);
  const expires: Instant | null = resource.kind === "task" ? null : wholeSecond(context.at) + time;
  const live = (lease: Lease): boolean => !isOver(leaseExpiry(board, lease), context.at);
  const own = board.leases.filter((lease) => isOwn(lease, actor));

  const same = own.find((lease) => sameResource(lease.resource, resource));
  const cover = own.find((lease) => covers(lease.resource, resource) && live(lease));
  const enough = same && live(same) ? same : cover;
  if (enough) {
    const left = (leaseExpiry(board, enough) ?? Infinity) - context.at;
    if (expires === null || left >= time / 2) return { board, lease: enough, changed: false };
    const longer = { ...enough, expires: Math.max(expires, enough.expires ?? 0) };
    return { board: replaceLease(board, enough, longer), lease: longer, changed: true };
  }
  if (same) {
    const again = { ...regrant(same, context), expires };
    return { board: replaceLease(board, same, again), lease: again, changed: true };
  }
  const lease: Lease = {
    resource,
    holder: actor.id,
    fence: context.seq,
    since: wholeSecond(context.at),
    expires,
    reason: resource.kind === "task" ? null : terms.reason,
  };
  const granted = { ...board, leases: [...board.leases, lease] };
  return {
    board: resource.kind === "task" ? toProgress(granted, resource.name) : granted,
    lease,
    changed: true,
  };
}

export function replaceLease(board: Board, old: Lease, lease: Lease): Board {
  return { ...board, leases: board.leases.map((other) => (other === old ? lease : other)) };
}
