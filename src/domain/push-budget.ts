import type { Board } from "./board.ts";
import { isOver, sessionExpiry } from "./expiry.ts";
import { type Duration, type Instant, MINUTE } from "./instant.ts";
import { machineName } from "./rivals.ts";
import { readSettings } from "./settings.ts";

/** What one machine may push: so many times within so many milliseconds. */
export interface Share {
  readonly pushes: number;
  readonly within: Duration;
}

/**
 * One machine's share of the push budget: the budget is the remote's, and the machines divide it. Where there are more
 * machines than pushes in a minute, the share is one push in the time in which each of them has its turn.
 * @returns null when the board has no budget
 */
export function pushShare(board: Board, now: Instant): Share | null {
  const settings = readSettings(board);
  if (settings.pushBudget === null) return null;
  const live = board.orchestrators.filter((row) => !isOver(sessionExpiry(row, settings), now));
  // Rows that do not name their machine are taken for one.
  const machines = Math.max(1, new Set(live.map(({ host }) => machineName(host ?? "").toLowerCase())).size);
  const pushes = Math.max(1, Math.floor(settings.pushBudget / machines));
  return { pushes, within: MINUTE * Math.max(1, machines / settings.pushBudget) };
}
