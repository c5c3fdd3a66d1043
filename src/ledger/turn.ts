/**
 * Whoever wins a race knows the tip without asking and can push again at once; all others have to fetch first. So one
 * clone with enough to do would win for ever. It steps aside for a moment after some pushes in a row, and finds out
 * whether anybody was waiting: nobody was when the next push lands, and then its next turn is longer. A loser that has
 * lost often looks for such a gap (`transact`). A turn is the clone's, whatever processes it is made of.
 */
import type { Board } from "../domain/board.ts";
import { isOver, sessionExpiry } from "../domain/expiry.ts";
import type { Duration, Instant } from "../domain/instant.ts";
import { readSettings } from "../domain/settings.ts";
import type { Oid, SessionStore } from "./ports.ts";

export interface Turn {
  /** How many pushes have landed one right after another. */
  readonly landed: number;
  /** After how many it steps aside. */
  readonly length: number;
  /** Where the last one left the branch; null when it was lost. */
  readonly tip: Oid | null;
  /** When it ended, by the monotonic clock of this boot, and how long it took: milliseconds. */
  readonly ended: Duration;
  readonly took: Duration;
  readonly bootId: string;
}

const [SHORTEST, LONGEST] = [4, 16];
/** After how many it does when nobody else is on the board: somebody may want to join. */
const ALONE = 32;
/** A push belongs to the one before it when it follows within so many times of that one. */
const AT_ONCE = 2;
/** How long it steps aside, in times of its last push: somebody else needs one to see the gap, one to fetch and one to push. */
const ASIDE = { least: 3, most: 4 };

const noTurn = (bootId: string): Turn => ({ landed: 0, length: SHORTEST, tip: null, ended: 0, took: 0, bootId });

/** What was kept of it; none when that is no turn, or of another boot, whose clock says nothing. */
export function readTurn(value: unknown, bootId: string): Turn {
  const kept = (typeof value === "object" && value !== null ? value : {}) as Partial<Turn>;
  const { landed, length, tip, ended, took } = kept;
  const isTurn = [landed, length, ended, took].every(Number.isFinite) && (tip === null || typeof tip === "string");
  return isTurn && kept.bootId === bootId ? (kept as Turn) : noTurn(bootId);
}

export function afterLanding(turn: Turn, base: Oid, push: Pick<Turn, "tip" | "ended" | "took">): Turn {
  const isNext = turn.tip === base && push.ended - push.took - turn.ended <= AT_ONCE * turn.took;
  return { ...turn, ...push, landed: isNext ? turn.landed + 1 : 1 };
}

/** Somebody was waiting. */
export const afterLoss = (turn: Turn): Turn => ({ ...turn, landed: 0, length: SHORTEST, tip: null });

export const afterSteppingAside = (turn: Turn): Turn => ({
  ...turn,
  landed: 0,
  length: Math.min(LONGEST, 2 * turn.length),
});

/** Whether a push on `base` would be one too many, if others are on the board. */
export const mayBeOver = (turn: Turn, base: Oid, now: Duration): boolean =>
  turn.landed >= turn.length && turn.tip === base && now - turn.ended <= AT_ONCE * turn.took;

/** @returns milliseconds to step aside before the next push; 0 when it may go at once */
export function timeAside({ landed, took }: Turn, company: boolean, uniform: () => number): Duration {
  return company || landed >= ALONE ? took * (ASIDE.least + (ASIDE.most - ASIDE.least) * uniform()) : 0;
}

/** Whether an orchestrator of another clone is at work. */
export async function hasCompany(board: Board, at: Instant, sessions: Pick<SessionStore, "get">): Promise<boolean> {
  const settings = readSettings(board);
  for (const row of board.orchestrators) {
    const isLive = !isOver(sessionExpiry(row, settings), at);
    if (isLive && (row.session === null || (await sessions.get(row.id)) !== row.session)) return true;
  }
  return false;
}
