import type { Board, Lease, Orchestrator } from "./board.ts";
import { idKey, type OrchestratorId } from "./identifier.ts";
import type { Duration, Instant } from "./instant.ts";
import { BUILD, formatResource, type Resource, sameResource } from "./resource.ts";
import { readSettings, type Settings } from "./settings.ts";
import type { Context, Evidence, LeaseView, Observation } from "./verdict.ts";

export function findOrchestrator(board: Board, id: OrchestratorId): Orchestrator | undefined {
  return board.orchestrators.find((row) => idKey(row.id) === idKey(id));
}

/** How long a lease lasts that names no time of its own. */
export function defaultTime(resource: Resource, settings: Settings): Duration {
  switch (resource.kind) {
    case "task":
      return settings.sessionTime;
    case "file":
      return settings.fileLockTime;
    case "lock":
      return sameResource(resource, BUILD) ? settings.buildLockTime : settings.lockTime;
  }
}

const plus = (since: Instant | null, time: Duration): Instant | null => (since === null ? null : since + time);

/** When an orchestrator's session ends, null when the board does not say and it never ends by itself. */
export function sessionExpiry(row: Orchestrator, settings: Settings): Instant | null {
  return row.expires ?? plus(row.lastSeen, settings.sessionTime);
}

/** When a lease must end, however often it is renewed: a hung agent's keepalive would else hold it for ever. */
export function holdEnds(lease: Lease, { longestHold }: Settings): Instant | null {
  return plus(lease.since, longestHold);
}

/**
 * When a lease ends, at the latest when the longest hold is over. A task lasts as long as its holder's session. A row without an expiry (the original
 * system's, or written by hand) lasts the default time of its kind from its since; without a since it does
 * not end by itself: what nobody dated must not look stale (FAILURES 17).
 */
export function leaseExpiry(board: Board, lease: Lease, settings: Settings = readSettings(board)): Instant | null {
  const expires = lease.expires ?? impliedExpiry(board, lease, settings);
  const most = holdEnds(lease, settings);
  return expires === null || most === null ? expires : Math.min(expires, most);
}

function impliedExpiry(board: Board, lease: Lease, settings: Settings): Instant | null {
  const holder = lease.resource.kind === "task" ? findOrchestrator(board, lease.holder) : undefined;
  return holder ? sessionExpiry(holder, settings) : plus(lease.since, defaultTime(lease.resource, settings));
}

/** Whether the longest hold ends a lease: then no renewal extends it any more. */
export function endsWithLongestHold(board: Board, lease: Lease, settings: Settings): boolean {
  return lease.expires !== null && leaseExpiry(board, lease, settings) === holdEnds(lease, settings);
}

export function viewLease(board: Board, lease: Lease): LeaseView {
  return { ...lease, expires: leaseExpiry(board, lease) };
}

/** Whether the time is over. Says nothing about whether anybody may act on that: see {@link evidenceFor}. */
export function isOver(expires: Instant | null, at: Instant): boolean {
  return expires !== null && at >= expires;
}

/** The part of a lease that a watcher compares: any renewal, takeover or release changes it. */
export function observe(board: Board, lease: Lease): Observation {
  return {
    resource: formatResource(lease.resource),
    holder: lease.holder,
    fence: lease.fence,
    expires: leaseExpiry(board, lease),
  };
}

/** The same for a whole session. */
export function observeSession(row: Orchestrator, settings: Settings): Observation {
  return { resource: `orchestrator:${row.id}`, holder: row.id, fence: null, expires: sessionExpiry(row, settings) };
}

/**
 * Why something of somebody else may be treated as over, or null when nothing proves it yet (DESIGN 8).
 * The wall clock counts only with `Clock trust: synced`, and only past the expiry plus the tolerance.
 */
export function evidenceFor(subject: Observation, context: Context, settings: Settings): Evidence | null {
  const same = (seen: Observation) =>
    seen.resource === subject.resource &&
    idKey(seen.holder) === idKey(subject.holder) &&
    seen.fence === subject.fence &&
    seen.expires === subject.expires;
  const proof = { ...subject, clock: context.clock };
  if (subject.expires === null) return null;
  const pastTolerance = context.clock > subject.expires + settings.clockTolerance;
  if (settings.clockTrust === "synced" && pastTolerance) return { kind: "clock", ...proof };
  return context.observed.some(same) ? { kind: "observed", ...proof } : null;
}
