import { parseBoard } from "../board/index.ts";
import type { Board, Lease } from "../domain/board.ts";
import { isOver, leaseExpiry } from "../domain/expiry.ts";
import { idKey, type OrchestratorId } from "../domain/identifier.ts";
import type { Instant } from "../domain/instant.ts";
import { covers, formatResource, overlaps, type Resource, sameResource } from "../domain/resource.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import type { Commit, Oid } from "../ledger/ports.ts";
import { readBack } from "./read-back.ts";
import { indexAt, stampOf } from "./stamps.ts";

/** One lease that covers or overlaps what was asked about. */
export interface Holding {
  readonly resource: string;
  readonly holder: OrchestratorId;
  readonly fence: number | null;
  readonly since: Instant | null;
  /** When it ended; while it stands, when it will end by itself. */
  readonly until: Instant | null;
  /** Its time was over already, but nobody had taken or freed it. */
  readonly over: boolean;
}

export interface Held {
  /** Those that are as good as the resource itself first. */
  readonly holders: readonly Holding[];
  /** The commit whose board says so; null when the chain is younger than the time asked for. */
  readonly commit: Oid | null;
}

/** Who holds a resource by this board, at that time. */
export function holdersOn(board: Board, resource: Resource, at: Instant): readonly Holding[] {
  return matching(board, resource).map((lease) => toHolding(board, lease, at, leaseExpiry(board, lease)));
}

/** Who held a resource at that time: by the board of the commit that stood then, and by those that ended the holds. */
export async function heldAt(reader: ChainReader, tip: Oid, resource: Resource, at: Instant): Promise<Held> {
  const { commits } = await readBack(reader, tip, (stretch) => indexAt(stretch.commits, at) >= 0);
  const index = indexAt(commits, at);
  const commit = commits[index];
  if (!commit) return { holders: [], commit: null };
  const board = await boardAt(reader, commit);
  if (!board) return { holders: [], commit: commit.oid };
  const later = commits.slice(0, index).reverse();
  const holders: Holding[] = [];
  for (const lease of matching(board, resource)) {
    const until = await endOf(reader, board, lease, later);
    holders.push(toHolding(board, lease, at, until));
  }
  return { holders, commit: commit.oid };
}

function matching(board: Board, resource: Resource): readonly Lease[] {
  const rank = (lease: Lease) =>
    sameResource(lease.resource, resource) ? 0 : covers(lease.resource, resource) ? 1 : 2;
  return board.leases.filter((lease) => overlaps(lease.resource, resource)).sort((a, b) => rank(a) - rank(b));
}

function toHolding(board: Board, lease: Lease, at: Instant, until: Instant | null): Holding {
  const { resource, holder, fence, since } = lease;
  const over = isOver(leaseExpiry(board, lease), at) && isOver(until, at);
  return { resource: formatResource(resource), holder, fence, since, until, over };
}

async function boardAt(reader: ChainReader, commit: Commit): Promise<Board | null> {
  for await (const { board } of reader.snapshots([commit])) {
    const reading = board.kind === "text" ? parseBoard(board.text) : null;
    return reading?.ok ? reading.board : null;
  }
  return null;
}

/**
 * When a lease ended. A fence is granted once (I4): the commits that have the lease are one stretch, and its end
 * is found by halving, with a few boards instead of all.
 * @param later the commits after the one that was read, oldest first
 */
async function endOf(
  reader: ChainReader,
  board: Board,
  lease: Lease,
  later: readonly Commit[],
): Promise<Instant | null> {
  let expires = leaseExpiry(board, lease);
  const stands = async (index: number): Promise<boolean> => {
    const then = await boardAt(reader, later[index] as Commit);
    const same = then?.leases.find((other) => isSameGrant(other, lease));
    if (then && same) expires = Math.max(expires ?? 0, leaseExpiry(then, same) ?? Infinity);
    return same !== undefined;
  };
  let [low, high] = [-1, 0];
  for (let step = 1; high < later.length && (await stands(high)); step *= 2) [low, high] = [high, high + step];
  high = Math.min(high, later.length);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await stands(middle)) low = middle;
    else high = middle;
  }
  const last = expires !== null && Number.isFinite(expires) ? expires : null;
  const ending = later[high];
  return ending ? Math.min(stampOf(ending), last ?? Infinity) : last;
}

function isSameGrant(one: Lease, other: Lease): boolean {
  const sameFence = one.fence === other.fence && (one.fence !== null || one.since === other.since);
  return sameFence && idKey(one.holder) === idKey(other.holder) && sameResource(one.resource, other.resource);
}
