import type { ChainReader } from "../ledger/chain-reader.ts";
import type { Commit, Oid } from "../ledger/ports.ts";
import type { Position } from "../ledger/tip.ts";
import { BEGINNING, type Thread } from "./audit.ts";
import { isDamaged } from "./check-form.ts";
import { type Link, linkAfter } from "./link.ts";
import { placesOf } from "./places.ts";

/** How many commits are looked at first: nearly always the first of them tells its place and has a good board. */
const FIRST = 4;

/** What the audit carries at a commit that is taken as given, without replaying what stands before it. */
export async function threadAt(reader: ChainReader, oid: Oid): Promise<Thread> {
  for (let count = FIRST; ; count *= 8) {
    const commits = await reader.log(oid, null, count);
    const isWhole = commits.length < count;
    const thread = await threadOf(reader, commits, isWhole);
    if (isWhole || (thread.last && thread.good)) return thread;
  }
}

/** @param commits newest first */
async function threadOf(reader: ChainReader, commits: readonly Commit[], isWhole: boolean): Promise<Thread> {
  const places = placesOf(commits, isWhole);
  let thread: Thread = BEGINNING;
  const known = commits.slice(0, places.length).reverse();
  for await (const snapshot of reader.snapshots(known)) {
    const place = places.pop() as Position;
    const link: Link = { ...linkAfter(thread.last, snapshot), ...place };
    const isGood = link.state.ok && !isDamaged(link);
    thread = isGood ? { last: link, good: link, honest: link } : { ...thread, last: link };
  }
  return thread;
}
