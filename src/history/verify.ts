import type { BoardChange } from "../domain/changes.ts";
import type { Instant } from "../domain/instant.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import type { Oid } from "../ledger/ports.ts";
import { audit, BEGINNING, type Thread } from "./audit.ts";
import type { Finding } from "./finding.ts";
import { actorOf, type Link, linkAfter, timeOf } from "./link.ts";
import { type Checkpoint, type OpIdPlace, readCheckpoint, type VerifiedStore } from "./verified.ts";

/** A hand edit: legal, and shown with what it did. */
export interface EditNote {
  readonly commit: Oid;
  readonly seq: number;
  readonly at: Instant;
  readonly author: string;
  readonly changes: readonly BoardChange[];
}

export interface Verification {
  /** The place of the last commit. */
  readonly seq: number;
  /** How many commits the chain has. */
  readonly commits: number;
  /** How many of them this run replayed; the others were verified before. */
  readonly replayed: number;
  /** Those of earlier runs included. */
  readonly findings: readonly Finding[];
  readonly edits: readonly EditNote[];
}

export interface VerifyOptions {
  readonly now: Instant;
  /** Replay everything, whatever was verified before. */
  readonly full: boolean;
  /** The branch was found rewritten: what this clone saw last. */
  readonly lost: Oid | null;
}

/** How many findings and edits are kept for later runs; a history with more of them is not mended by listing all. */
const KEPT = 1000;

/**
 * Replays the chain from the last verified commit on, or from the root, and keeps how far it came. What was found
 * before is reported again: a forged commit does not become right by having been looked at.
 */
export async function verify(
  reader: ChainReader,
  store: VerifiedStore,
  tip: Oid,
  options: VerifyOptions,
): Promise<Verification> {
  const known = readCheckpoint(await store.load());
  const resumed = known && (await resume(reader, tip, known));
  const start = options.full ? null : resumed;
  if (!start) await store.forget();
  const commits = start ? start.commits : [...(await reader.log(tip, null))].reverse();
  const before = start ? start.checkpoint : EMPTY;
  const findings = [...before.findings];
  if (known?.last && !resumed) findings.push(rewritten(known.last.commit, options.now));
  const edits = [...before.edits];
  const fresh = new Map<string, OpIdPlace>();
  let position = before.commits;
  let thread = start?.thread ?? BEGINNING;
  const opIdSeen = async (opId: string) => {
    const twin = fresh.get(opId) ?? (start ? await store.findOpId(opId) : null);
    // The same place: an earlier run was interrupted after it had taken note of it.
    return twin && twin.position < position ? twin.commit : null;
  };
  for await (const judged of audit(reader, commits, thread, { now: options.now, opIdSeen })) {
    const { link } = judged;
    thread = judged.thread;
    findings.push(...judged.findings);
    if (judged.edit) edits.push(noteOf(link, judged.edit));
    if (link.reading.kind === "entry") noteOpId(fresh, link, position);
    position += 1;
  }
  if (commits.length > 0) {
    await store.addOpIds(fresh);
    await store.save(checkpointOf(thread, position, findings.slice(-KEPT), edits.slice(-KEPT)));
  }
  if (options.lost !== null) findings.push(rewritten(options.lost, options.now));
  const seq = thread.last?.seq ?? start?.checkpoint.last?.seq ?? 0;
  return { seq, commits: position, replayed: commits.length, findings, edits };
}

const EMPTY: Pick<Checkpoint, "commits" | "findings" | "edits"> = { commits: 0, findings: [], edits: [] };

function noteOpId(fresh: Map<string, OpIdPlace>, { reading, commit }: Link, position: number): void {
  if (reading.kind !== "entry" || fresh.has(reading.entry.opId)) return;
  fresh.set(reading.entry.opId, { position, commit: commit.oid });
}

function noteOf(link: Link, changes: readonly BoardChange[]): EditNote {
  return { commit: link.commit.oid, seq: link.seq, at: timeOf(link), author: actorOf(link), changes };
}

function checkpointOf(
  { last, good, honest }: Thread,
  commits: number,
  findings: readonly Finding[],
  edits: readonly EditNote[],
): Checkpoint {
  const place = (link: Link | null) => link && { commit: link.commit.oid, seq: link.seq, at: link.at };
  return { version: 1, last: place(last), good: place(good), honest: place(honest), commits, findings, edits };
}

/** The commits that are new since the checkpoint, oldest first; null when the tip does not descend from it. */
async function resume(reader: ChainReader, tip: Oid, checkpoint: Checkpoint) {
  const { last } = checkpoint;
  if (!last) return null;
  const commits = last.commit === tip ? [] : [...(await reader.log(tip, last.commit))].reverse();
  if (last.commit !== tip && commits[0]?.parents[0] !== last.commit) return null;
  const thread = commits.length === 0 ? BEGINNING : await threadOf(reader, checkpoint);
  return thread && { commits, thread, checkpoint };
}

/** The links that the checkpoint names, read again. */
async function threadOf(reader: ChainReader, checkpoint: Checkpoint): Promise<Thread | null> {
  const places = [checkpoint.last, checkpoint.good, checkpoint.honest];
  const links = new Map<Oid, Link>();
  for (const place of places) {
    if (!place || links.has(place.commit)) continue;
    const [commit] = await reader.log(place.commit, null, 1);
    if (commit?.oid !== place.commit) return null;
    for await (const snapshot of reader.snapshots([commit])) {
      links.set(commit.oid, { ...linkAfter(null, snapshot), seq: place.seq, at: place.at });
    }
  }
  const [last, good, honest] = places.map((place) => (place ? (links.get(place.commit) ?? null) : null));
  return { last: last ?? null, good: good ?? null, honest: honest ?? null };
}

function rewritten(lost: Oid, at: Instant): Finding {
  const message = `the branch does not contain ${lost}, which this clone had seen on it: its history was rewritten`;
  const place = { commit: lost, seq: 0, at, actor: "unknown" };
  return { code: "rewritten", severity: "error", ...place, message, changes: [], refusal: null };
}
