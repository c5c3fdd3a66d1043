import { idKey, type OrchestratorId } from "../domain/identifier.ts";
import type { Instant } from "../domain/instant.ts";
import { overlaps, parseResource, type Resource } from "../domain/resource.ts";
import type { Evidence } from "../domain/verdict.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import { readEntry } from "../ledger/entry.ts";
import type { Commit, Oid } from "../ledger/ports.ts";
import { placesOf } from "./places.ts";
import { readAll, readBack, type Stretch } from "./read-back.ts";

/** One line of the audit log. */
export interface LogEntry {
  readonly seq: number;
  readonly commit: Oid;
  readonly at: Instant;
  /** `manual` for a commit that git-coord did not make. */
  readonly op: string;
  readonly actor: string;
  readonly resources: readonly string[];
  readonly subject: string;
  readonly opId: string | null;
  readonly evidence: readonly Evidence[];
}

export interface LogFilter {
  readonly resource: Resource | null;
  readonly actor: OrchestratorId | null;
  readonly since: Instant | null;
  readonly until: Instant | null;
  readonly limit: number | null;
}

/** The audit log, newest first (CLI.md, `log`). */
export async function readLog(reader: ChainReader, tip: Oid, filter: LogFilter): Promise<readonly LogEntry[]> {
  const { limit, since } = filter;
  const isEnough = (stretch: Stretch): boolean =>
    (limit !== null && entriesOf(stretch, filter).length >= limit) ||
    (since !== null && placesOf(stretch.commits, false).some(({ at }) => at < since));
  const isAll = limit === null && since === null;
  const stretch = isAll ? await readAll(reader, tip) : await readBack(reader, tip, isEnough);
  return entriesOf(stretch, filter).slice(0, limit ?? undefined);
}

/** Those of which the place can be told: all, when the stretch reaches the root. */
function entriesOf({ commits, isWhole }: Stretch, filter: LogFilter): LogEntry[] {
  return placesOf(commits, isWhole)
    .map(({ seq }, index) => toEntry(commits[index] as Commit, seq))
    .filter((entry) => matches(entry, filter));
}

function toEntry(commit: Commit, seq: number): LogEntry {
  const reading = readEntry(commit.message);
  const subject = commit.message.split("\n", 1)[0] ?? "";
  const place = { seq, commit: commit.oid, subject };
  if (reading.kind === "entry") {
    const { at, op, actor, resources, opId, evidence } = reading.entry;
    return { ...place, at, op, actor, resources, opId, evidence };
  }
  const op = reading.kind === "manual" ? "manual" : "malformed";
  return { ...place, at: commit.at, op, actor: commit.author.name, resources: [], opId: null, evidence: [] };
}

function matches(entry: LogEntry, { resource, actor, since, until }: LogFilter): boolean {
  if (actor !== null && idKey(entry.actor) !== idKey(actor)) return false;
  if (since !== null && entry.at < since) return false;
  if (until !== null && entry.at > until) return false;
  return resource === null || entry.resources.some((text) => touches(text, resource));
}

function touches(text: string, resource: Resource): boolean {
  const reading = parseResource(text);
  return reading?.ok === true && overlaps(reading.resource, resource);
}
