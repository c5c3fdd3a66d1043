import type { ChainReader } from "../ledger/chain-reader.ts";
import type { Commit, Oid } from "../ledger/ports.ts";

/** How many commits are read first. */
const FIRST = 64;

/** The newest commits of a chain. */
export interface Stretch {
  /** Newest first. */
  readonly commits: readonly Commit[];
  /** Whether the last of them is the root. */
  readonly isWhole: boolean;
}

/**
 * Reads a chain back from its tip, each time more of it, until that is enough: what is asked about is mostly new, and what
 * is old may not be in this clone yet.
 */
export async function readBack(
  reader: Pick<ChainReader, "log">,
  tip: Oid,
  isEnough: (stretch: Stretch) => boolean,
): Promise<Stretch> {
  for (let count = FIRST; ; count *= 8) {
    const commits = await reader.log(tip, null, count);
    const stretch = { commits, isWhole: commits.length < count };
    if (stretch.isWhole || isEnough(stretch)) return stretch;
  }
}

/** The whole chain. */
export async function readAll(reader: Pick<ChainReader, "log">, tip: Oid): Promise<Stretch> {
  return { commits: await reader.log(tip, null), isWhole: true };
}
