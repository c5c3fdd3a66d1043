import { type EntryReading, readEntry } from "../ledger/entry.ts";
import type { Commit, ObjectStore, Oid } from "../ledger/ports.ts";
import { readPosition } from "../ledger/tip.ts";

/** One commit of the chain, with its place and what it says. */
export interface Step {
  readonly commit: Commit;
  readonly seq: number;
  readonly reading: EntryReading;
}

/** The chain from `tip` to the root, newest first, along first parents. */
export async function* walkBack(objects: ObjectStore, tip: Oid): AsyncGenerator<Step> {
  let { seq } = await readPosition(objects, tip);
  let oid: Oid | undefined = tip;
  while (oid !== undefined) {
    const commit = await objects.readCommit(oid);
    const reading = readEntry(commit.message);
    if (reading.kind === "entry") seq = Math.min(seq, reading.entry.seq);
    yield { commit, seq, reading };
    seq -= 1;
    oid = commit.parents[0];
  }
}
