import { idKey, type OrchestratorId } from "../domain/identifier.ts";
import type { Instant } from "../domain/instant.ts";
import { overlaps, parseResource, type Resource } from "../domain/resource.ts";
import type { Evidence } from "../domain/verdict.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import { type EntryReading, readEntry } from "../ledger/entry.ts";
import type { Commit, Oid } from "../ledger/ports.ts";
import type { Position } from "../ledger/tip.ts";
import { positionAfter } from "./link.ts";

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
  const entries: LogEntry[] = [];
  let before: (Position & { readonly reading: EntryReading }) | null = null;
  for (const commit of [...(await reader.log(tip, null))].reverse()) {
    const reading = readEntry(commit.message);
    before = { ...positionAfter(before, reading), reading };
    const entry = toEntry(commit, before.seq, reading);
    if (matches(entry, filter)) entries.push(entry);
  }
  return entries.reverse().slice(0, filter.limit ?? undefined);
}

function toEntry(commit: Commit, seq: number, reading: EntryReading): LogEntry {
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
