import type { Board, Lease, Waiter } from "./board.ts";
import { idKey, type OrchestratorId } from "./identifier.ts";
import { type Instant, wholeSecond } from "./instant.ts";
import { formatResource, overlaps, type Resource, sameResource } from "./resource.ts";
import { hasPlace } from "./rivals.ts";
import type { Settings } from "./settings.ts";
import type { Observation } from "./verdict.ts";

/**
 * All that one orchestrator wants at once: its rows of the Waiting table that were entered together. First come,
 * first served goes by the order of rows on the board. A wish that cannot be met yet (one of its resources is
 * held) keeps its place, and does not keep the others from what it cannot use.
 */
export interface Wish {
  readonly orchestrator: OrchestratorId;
  readonly rows: readonly Waiter[];
}

export function wishesOf(board: Board): readonly Wish[] {
  const wishes = new Map<string, { orchestrator: OrchestratorId; rows: Waiter[] }>();
  for (const row of board.waiters) {
    const key = `${idKey(row.orchestrator)} ${row.since}`;
    const known = wishes.get(key);
    if (known) known.rows.push(row);
    else wishes.set(key, { orchestrator: row.orchestrator, rows: [row] });
  }
  return [...wishes.values()];
}

/** A wish whose turn it is, as the leases that it would get: so others count it as if it had them. */
const asLeases = ({ orchestrator, rows }: Wish): readonly Lease[] =>
  rows.map(({ resource, turn, until }) => ({
    resource,
    holder: orchestrator,
    fence: null,
    since: turn,
    expires: until,
    reason: null,
  }));

/** The wishes among these, in order, that could all be met now, each beside those before it. */
export function wishesInTurn(board: Board, wishes: readonly Wish[] = wishesOf(board)): readonly Wish[] {
  const leases = [...board.leases];
  return wishes.filter((wish) => {
    const isMet = wish.rows.every(({ resource }) => hasPlace(board, leases, wish.orchestrator, resource));
    if (isMet) leases.push(...asLeases(wish));
    return isMet;
  });
}

/** The leases of the board and of those who stand before `id` in the line for `resource` and whose turn it is. */
export function leasesAhead(
  board: Board,
  id: OrchestratorId,
  resource: Resource,
): { readonly leases: readonly Lease[]; readonly wishes: readonly Wish[] } {
  const wishes = wishesOf(board);
  const own = (wish: Wish) => idKey(wish.orchestrator) === idKey(id);
  const place = wishes.findIndex((wish) => own(wish) && wish.rows.some((row) => sameResource(row.resource, resource)));
  const ahead = (place === -1 ? wishes : wishes.slice(0, place)).filter((wish) => !own(wish));
  const inTurn = wishesInTurn(board, ahead);
  return { leases: [...board.leases, ...inTurn.flatMap(asLeases)], wishes: inTurn };
}

/**
 * Writes down whose turn it is, and since when: each commit that frees something hands it over to the first in
 * line for the grace (DESIGN 8). Returns the same board when nothing changes.
 */
export function handOver(board: Board, at: Instant): Board {
  if (board.waiters.length === 0) return board;
  const inTurn = new Set(wishesInTurn(board).flatMap(({ rows }) => rows));
  const waiters = board.waiters.map((row) => {
    const turn = inTurn.has(row) ? (row.turn ?? wholeSecond(at)) : null;
    return turn === row.turn ? row : { ...row, turn };
  });
  return waiters.some((row, index) => row !== board.waiters[index]) ? { ...board, waiters } : board;
}

/** When a row of the line counts no more: its turn has passed unused, or its time to wait is over. */
export function waitingEnds({ turn, until }: Waiter, { handOverGrace }: Settings): Instant | null {
  return turn === null ? until : Math.min(turn + handOverGrace, until ?? Infinity);
}

/** What a watcher compares of a row of the line, like `observe` for leases. */
export function observeWaiter(row: Waiter, settings: Settings): Observation {
  const resource = `waiting:${formatResource(row.resource)}`;
  return { resource, holder: row.orchestrator, fence: null, expires: waitingEnds(row, settings) };
}

export function withoutRows(board: Board, gone: (row: Waiter) => boolean): Board {
  return { ...board, waiters: board.waiters.filter((row) => !gone(row)) };
}

/** Where `id` stands among all who wait for something that overlaps `resource`; behind the last when it does not wait. */
export function placeInLine(
  board: Board,
  id: OrchestratorId,
  resource: Resource,
): { readonly place: number; readonly waiting: number } {
  const line = [...new Set(board.waiters.filter((row) => overlaps(row.resource, resource)).map(keyOf))];
  const index = line.indexOf(idKey(id));
  return { place: index === -1 ? line.length + 1 : index + 1, waiting: line.length };
}

const keyOf = (row: Waiter): string => idKey(row.orchestrator);
