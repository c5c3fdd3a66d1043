import type { Board, Lease } from "../board.ts";
import { defaultTime, holdEnds, isOver, leaseExpiry, sessionExpiry, viewLease } from "../expiry.ts";
import { idKey } from "../identifier.ts";
import { SECOND, wholeSecond } from "../instant.ts";
import type { Acquire, Actor, Holding, Renew, Unlock } from "../request.ts";
import { type Resource, sameResource } from "../resource.ts";
import { changeRow, dropLease, enter, isFading, leasesOf, regrant, standingOf, touch } from "../session.ts";
import { readSettings } from "../settings.ts";
import { replaceLease, takeAll } from "../take.ts";
import type { Context, LeaseView, Refusal, Verdict } from "../verdict.ts";

const refused = (refusal: Refusal): Verdict => ({ kind: "refused", refusal });

/** Takes named locks and files, all or nothing. What the actor holds already is success with the same fence. */
export function acquire(board: Board, actor: Actor, wish: Acquire, context: Context): Verdict {
  const entry = enter(board, actor, context);
  if (!entry.ok) return refused(entry.refusal);
  const taking = takeAll(entry.board, actor, wish.resources, wish, context);
  if (!taking.ok) return refused(taking.refusal);
  const after = touch(taking.board, actor, context);
  const nothingNew = !taking.changed && entry.evidence.length === 0 && !isFading(board, actor.id, context.at);
  const leases = taking.leases.map((lease) => viewLease(nothingNew ? board : after, lease));
  if (nothingNew) return { kind: "unchanged", grant: { op: "acquire", leases } };
  return {
    kind: "granted",
    board: after,
    grant: { op: "acquire", leases },
    evidence: [...entry.evidence, ...taking.evidence],
    archived: [],
  };
}

/**
 * Gives locks and files back. Naming one that the actor does not hold, or not under the fence that it expects,
 * refuses the whole: it has lost it.
 */
export function unlock(board: Board, actor: Actor, wish: Unlock, context: Context): Verdict {
  const standing = standingOf(board, actor, context);
  if (standing.kind === "taken") return refused({ kind: "identity_taken", orchestrator: standing.row });
  const own = leasesOf(board, actor.id).filter((lease) => lease.resource.kind !== "task");
  const given = wish.resources === null ? own : own.filter((lease) => isAmong(lease, wish.resources ?? []));
  const missing = (wish.resources ?? []).find(
    (wanted) => !own.some((lease) => sameResource(lease.resource, wanted) && isAsExpected(lease, wish.expected)),
  );
  if (missing) return refused({ kind: "lost", resource: missing, now: leaseNow(board, missing) });
  if (given.length === 0) return { kind: "unchanged", grant: { op: "unlock", released: [] } };
  const freed = given.reduce((state, lease) => dropLease(state, lease, null), board);
  return {
    kind: "granted",
    board: touch(freed, actor, context),
    grant: { op: "unlock", released: given.map((lease) => lease.resource) },
    evidence: [],
    archived: [],
  };
}

const isAsExpected = (lease: Lease, expected: readonly Holding[] = []): boolean =>
  expected.every(({ resource, fence }) => fence === lease.fence || !sameResource(resource, lease.resource));

const isAmong = (lease: Lease, resources: readonly Resource[]): boolean =>
  resources.some((resource) => sameResource(resource, lease.resource));

/** Who holds it now, if anybody. */
export function leaseNow(board: Board, resource: Resource): LeaseView | null {
  const lease = board.leases.find((other) => sameResource(other.resource, resource));
  return lease ? viewLease(board, lease) : null;
}

/**
 * Extends everything that the actor holds, and its session. Refused when it no longer holds something that
 * it believes to hold, with holder, session and fence compared (FAILURES 16). An expired lease that nobody
 * took is granted anew, with a new fence (FAILURES 18).
 */
export function renew(board: Board, actor: Actor, wish: Renew, context: Context): Verdict {
  const standing = standingOf(board, actor, context);
  if (standing.kind === "taken") return refused({ kind: "identity_taken", orchestrator: standing.row });
  if (standing.kind === "unknown") return refused({ kind: "session_over", id: actor.id });
  const settings = readSettings(board);
  const own = leasesOf(board, actor.id);
  const isStillHeld = ({ resource, fence }: Renew["expected"][number]): boolean =>
    own.some((lease) => sameResource(lease.resource, resource) && (fence === null || lease.fence === fence));
  const missing = wish.expected.find((holding) => !isStillHeld(holding));
  if (missing) return refused({ kind: "lost", resource: missing.resource, now: leaseNow(board, missing.resource) });

  const at = wholeSecond(context.at);
  const sessionOver = isOver(sessionExpiry(standing.row, settings), context.at);
  // A clock that is far behind cannot move the ledger's time. Whoever watches must still see that there was a
  // renewal, or would take for dead who is not: it then counts for a second.
  const isStuck = (standing.row.lastSeen ?? 0) >= at;
  let next = board;
  for (const lease of own) {
    const most = holdEnds(lease, settings) ?? Infinity;
    // What has been held for as long as anything may be ends, whoever renews it.
    if (context.at >= most) continue;
    const over = sessionOver || isOver(leaseExpiry(board, lease), context.at);
    const kept = over ? regrant(lease, context) : lease;
    const time = wish.ttl ?? defaultTime(lease.resource, settings);
    const latest = (kept.since ?? at) + settings.longestHold;
    const least = (lease.expires ?? 0) + (isStuck ? SECOND : 0);
    const expires = lease.resource.kind === "task" ? null : Math.min(Math.max(at + time, least), latest);
    next = replaceLease(next, lease, { ...kept, expires });
  }
  next = touch(next, actor, context);
  if (isStuck) {
    const least = (standing.row.expires ?? 0) + SECOND;
    next = changeRow(next, actor.id, (row) => ({ ...row, expires: Math.max(row.expires ?? 0, least) }));
  }
  const row = next.orchestrators.find((other) => idKey(other.id) === idKey(actor.id));
  return {
    kind: "granted",
    board: next,
    grant: {
      op: "renew",
      leases: leasesOf(next, actor.id).map((lease) => viewLease(next, lease)),
      expires: row?.expires ?? null,
    },
    evidence: [],
    archived: [],
  };
}
