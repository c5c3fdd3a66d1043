import type { Board, Lease, Waiter } from "./board.ts";
import { clearAll, isOwn } from "./clear.ts";
import { defaultTime, isOver, leaseExpiry } from "./expiry.ts";
import { idKey } from "./identifier.ts";
import { type Duration, type Instant, wholeSecond } from "./instant.ts";
import { withoutRows } from "./line.ts";
import { toProgress } from "./queue.ts";
import type { Actor } from "./request.ts";
import { BUILD, covers, type Resource, sameResource } from "./resource.ts";
import { regrant } from "./session.ts";
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

/**
 * The kernel: gives `actor` a lease on everything it wants, or nothing at all.
 * Of other holders' leases that stand in the way, the provably expired ones are taken, with their evidence;
 * the first live one refuses everything. So does somebody before it in the line whose turn it is.
 */
export function takeAll(
  board: Board,
  actor: Actor,
  wanted: readonly Resource[],
  terms: Terms,
  context: Context,
): Taking {
  const resources = wanted.map((wish) => spelt(board, wish));
  const settings = readSettings(board);
  const clearing = clearAll(board, actor, resources, settings, context);
  if (!clearing.ok) return clearing;
  let next = clearing.board;
  let changed = clearing.evidence.length > 0;
  const leases: Lease[] = [];
  for (const resource of resources) {
    const taken = takeOne(next, actor, resource, terms, context);
    changed ||= taken.changed;
    if (!leases.includes(taken.lease)) leases.push(taken.lease);
    next = taken.board;
  }
  const served = withoutRows(next, (row) => isServed(row, actor, resources));
  changed ||= served.waiters.length < next.waiters.length;
  return { ok: true, board: served, leases, evidence: clearing.evidence, changed };
}

const isServed = (row: Waiter, actor: Actor, resources: readonly Resource[]): boolean =>
  idKey(row.orchestrator) === idKey(actor.id) && resources.some((resource) => sameResource(resource, row.resource));

/** A lock is called on the board what it was called when it was declared. */
export function spelt(board: Board, resource: Resource): Resource {
  if (resource.kind !== "lock") return resource;
  if (sameResource(resource, BUILD)) return BUILD;
  const declared = board.locks.find((each) => idKey(each.name) === idKey(resource.name));
  return declared ? { ...resource, name: declared.name } : resource;
}

function takeOne(board: Board, actor: Actor, resource: Resource, terms: Terms, context: Context) {
  const settings = readSettings(board);
  const time = terms.ttl ?? defaultTime(resource, settings);
  const at = wholeSecond(context.at);
  /** No lease lasts longer than the longest hold, whatever was asked. */
  const until = (since: Instant | null, before: Instant = 0): Instant =>
    Math.min(Math.max(at + time, before), (since ?? at) + settings.longestHold);
  const expires: Instant | null = resource.kind === "task" ? null : until(at);
  const live = (lease: Lease): boolean => !isOver(leaseExpiry(board, lease), context.at);
  const own = board.leases.filter((lease) => isOwn(lease, actor));

  const same = own.find((lease) => sameResource(lease.resource, resource));
  const cover = own.find((lease) => covers(lease.resource, resource) && live(lease));
  const enough = same && live(same) ? same : cover;
  if (enough) {
    const left = (leaseExpiry(board, enough) ?? Infinity) - context.at;
    if (expires === null || left >= time / 2) return { board, lease: enough, changed: false };
    const longer = { ...enough, expires: until(enough.since, enough.expires ?? 0) };
    if (longer.expires === enough.expires) return { board, lease: enough, changed: false };
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
