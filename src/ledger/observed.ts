import type { Board } from "../domain/board.ts";
import { findOrchestrator, holdEnds, observe, observeSession } from "../domain/expiry.ts";
import type { Duration, Instant } from "../domain/instant.ts";
import { observeWaiter } from "../domain/line.ts";
import { readSettings } from "../domain/settings.ts";
import type { Observation } from "../domain/verdict.ts";

/** When this machine first saw each thing that can expire, by its monotonic clock of one boot. */
export interface Watch {
  readonly bootId: string;
  /** Key: the observation and its beginning as JSON, so that any change of the lease begins a new watch. */
  readonly since: Readonly<Record<string, Duration>>;
}

interface Watched {
  readonly observation: Observation;
  /** When its time began: a sign of life begins a new watch also where the expiry stays what it was. */
  readonly begun: Instant;
  /** How long it must be seen unchanged: at least its whole time to live, plus the tolerance. */
  readonly needed: Duration;
}

/**
 * The watch after seeing `board` at `now`, and what has been watched long enough to count as evidence
 * (DESIGN 8). Monotonic clocks stand still in sleep, so a watch only ever errs on the long side.
 */
export function watch(
  previous: Watch | null,
  board: Board,
  bootId: string,
  now: Duration,
): { readonly watch: Watch; readonly matured: readonly Observation[] } {
  const known = previous?.bootId === bootId ? previous.since : {};
  const since: Record<string, Duration> = {};
  const matured: Observation[] = [];
  for (const { observation, begun, needed } of expirable(board)) {
    const key = JSON.stringify({ ...observation, begun });
    const first = Math.min(known[key] ?? now, now);
    since[key] = first;
    if (now - first > needed) matured.push(observation);
  }
  return { watch: { bootId, since }, matured };
}

/** From since to expiry is never shorter than the time to live, however often the lease was renewed. */
function expirable(board: Board): Watched[] {
  const settings = readSettings(board);
  const { clockTolerance, sessionTime, handOverGrace } = settings;
  const watched: Watched[] = [];
  const add = (observation: Observation, begun: number | null, least: Duration) => {
    if (observation.expires === null || begun === null) return;
    watched.push({ observation, begun, needed: Math.max(observation.expires - begun, least) + clockTolerance });
  };
  for (const row of board.orchestrators) add(observeSession(row, settings), row.lastSeen, sessionTime);
  for (const lease of board.leases) {
    const observation = observe(board, lease);
    const holder = lease.resource.kind === "task" ? findOrchestrator(board, lease.holder) : undefined;
    // A task that ends with the longest hold does so whenever its holder was seen: its whole time counts.
    const isCapped = observation.expires === holdEnds(lease, settings);
    add(observation, isCapped ? lease.since : (holder?.lastSeen ?? lease.since), 0);
  }
  for (const row of board.waiters) {
    const observation = observeWaiter(row, settings);
    // A turn is no safety, only a courtesy: whoever has watched it for the grace need not allow for wrong clocks.
    if (row.turn !== null && observation.expires !== null)
      watched.push({ observation, begun: row.turn, needed: handOverGrace });
    else add(observation, row.since, 0);
  }
  return watched;
}

/** Checks a stored value; null when it is not a watch. */
export function readWatch(value: unknown): Watch | null {
  if (typeof value !== "object" || value === null) return null;
  const { bootId, since } = value as Partial<Watch>;
  if (typeof bootId !== "string" || typeof since !== "object" || since === null) return null;
  const numeric = Object.entries(since).filter(([, first]) => typeof first === "number");
  return { bootId, since: Object.fromEntries(numeric) };
}
