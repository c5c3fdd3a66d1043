import { findOrchestrator, leaseExpiry } from "../domain/expiry.ts";
import { idKey } from "../domain/identifier.ts";
import type { Duration, Instant } from "../domain/instant.ts";
import type { Holding } from "../domain/request.ts";
import { type Resource, sameResource } from "../domain/resource.ts";
import { readSettings } from "../domain/settings.ts";
import type { Clock } from "../ledger/ports.ts";
import type { Tip } from "../ledger/tip.ts";

/** A moment by each of this machine's clocks; the one that comes first counts (DESIGN 8). */
export interface Moment {
  readonly wall: Instant;
  readonly monotonic: Duration;
}

export const nowBy = (clock: Clock): Moment => ({ wall: clock.wall(), monotonic: clock.monotonic() });

export const hasCome = (moment: Moment, now: Moment): boolean =>
  now.wall >= moment.wall || now.monotonic >= moment.monotonic;

export const before = ({ wall, monotonic }: Moment, time: Duration): Moment => ({
  wall: wall - time,
  monotonic: monotonic - time,
});

/** How long a set of leases may be relied upon, or which of them is gone. */
export type Term =
  | { readonly kind: "held"; readonly ends: Moment; readonly margin: Duration }
  | { readonly kind: "lost"; readonly resource: Resource };

/**
 * Ages the leases from before they were asked for, by the fastest of the clocks: what the ledger granted counts
 * from `asked`, and no longer than its expiry by the wall clock.
 * @param asked by the monotonic clock: a moment at which what `tip` says had not been asked for yet
 */
export function termOf(
  tip: Tip,
  id: string,
  session: string,
  held: readonly Holding[],
  asked: Duration,
  now: Moment,
): Term {
  const settings = readSettings(tip.board);
  const row = findOrchestrator(tip.board, id);
  let ends: Moment = { wall: Infinity, monotonic: Infinity };
  let shortest = Infinity;
  for (const { resource, fence } of held) {
    const lease = tip.board.leases.find(
      (each) => sameResource(each.resource, resource) && idKey(each.holder) === idKey(id) && each.fence === fence,
    );
    const isOwn = row !== undefined && (row.session === null || row.session === session);
    if (!lease || !isOwn) return { kind: "lost", resource };
    const expires = leaseExpiry(tip.board, lease, settings) ?? Infinity;
    const time = expires - (row.lastSeen ?? now.wall);
    shortest = Math.min(shortest, time);
    ends = {
      wall: Math.min(ends.wall, expires),
      monotonic: Math.min(ends.monotonic, asked + time, now.monotonic + expires - now.wall),
    };
  }
  // The work ends so long before the lease; a short lease cannot spare the whole tolerance.
  return { kind: "held", ends, margin: Math.min(settings.clockTolerance, Math.max(0, shortest) / 3) };
}
