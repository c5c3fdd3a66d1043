/**
 * Whoever wins a race knows the tip without asking and can push again at once; all others have to fetch first. So one
 * writer with enough to do would win for ever. It steps aside for a moment after some pushes in a row, and finds out
 * whether anybody was waiting: nobody was when the next push lands, and then its next turn is twice as long.
 */
import type { Board } from "../domain/board.ts";
import { sessionExpiry } from "../domain/expiry.ts";
import type { Duration, Instant } from "../domain/instant.ts";
import { readSettings } from "../domain/settings.ts";
import type { Oid } from "./ports.ts";

export interface Turn {
  /** How many pushes of this process have landed one right after another. */
  readonly landed: number;
  /** After how many it steps aside. */
  readonly length: number;
  /** Where the last one left the branch; null when it was lost. */
  readonly tip: Oid | null;
  /** When it ended, by the monotonic clock, and how long it took: milliseconds. */
  readonly ended: Duration;
  readonly took: Duration;
}

const [SHORTEST, LONGEST] = [4, 64];
/** A push belongs to the one before it when it follows within so many times of that one. */
const AT_ONCE = 2;
/** How long it steps aside, in times of its last push: somebody else needs one to fetch and one to push. */
const ASIDE = { least: 2, most: 4 };

export const NO_TURN: Turn = { landed: 0, length: SHORTEST, tip: null, ended: Number.NEGATIVE_INFINITY, took: 0 };

export function afterLanding(turn: Turn, base: Oid, push: Pick<Turn, "tip" | "ended" | "took">): Turn {
  const isNext = turn.tip === base && push.ended - push.took - turn.ended <= AT_ONCE * turn.took;
  return { ...push, length: turn.length, landed: isNext ? turn.landed + 1 : 1 };
}

/** Somebody was waiting. */
export const afterLoss = (turn: Turn): Turn => ({ ...turn, landed: 0, length: SHORTEST, tip: null });

export const afterSteppingAside = (turn: Turn): Turn => ({
  ...turn,
  landed: 0,
  length: Math.min(LONGEST, 2 * turn.length),
});

/** @returns milliseconds to step aside before the next push; 0 when it may go at once */
export function timeAside(turn: Turn, base: Oid, now: Duration, uniform: () => number): Duration {
  const isOver = turn.landed >= turn.length && turn.tip === base && now - turn.ended <= AT_ONCE * turn.took;
  return isOver ? turn.took * (ASIDE.least + (ASIDE.most - ASIDE.least) * uniform()) : 0;
}

/** Whether more than one orchestrator is at work: without, nobody can be waiting. */
export function hasCompany(board: Board, at: Instant): boolean {
  const settings = readSettings(board);
  const isLive = (end: Instant | null) => end === null || end > at;
  return board.orchestrators.filter((row) => isLive(sessionExpiry(row, settings))).length > 1;
}
