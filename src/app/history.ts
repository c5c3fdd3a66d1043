import { isTaskId } from "../domain/queue.ts";
import { makeReport, type Report } from "../history/report.ts";
import { readTimeline, type Timeline } from "../history/timeline.ts";
import { type Verification, verify as verifyChain } from "../history/verify.ts";
import { type Held, heldAt, holdersOn } from "../history/who.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import { LedgerFailure } from "../ledger/failure.ts";
import type { Oid } from "../ledger/ports.ts";
import type { Coordination } from "./coordination.ts";
import { readInput, readResource, readTime } from "./input.ts";
import { done, type Outcome, usage } from "./outcome.ts";
import { readBoard } from "./read.ts";

/** Opens the chain for one use. */
export async function reading<T>({ openChain }: Coordination, use: (reader: ChainReader) => Promise<T>): Promise<T> {
  const reader = openChain();
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/**
 * Who holds a resource, or held it at that time.
 * @param at ISO 8601, or a duration that means so long ago; null: now
 */
export async function who(
  coordination: Coordination,
  resource: string,
  at: string | null = null,
): Promise<Outcome<Held & { readonly resource: string }>> {
  const { tip, notices } = await readBoard(coordination);
  const now = coordination.ledger.clock.wall();
  const input = readInput(() => ({
    resource: readResource(resource, (id) => isTaskId(tip.board, id)),
    at: at === null ? null : readTime(at, now),
  }));
  if (!input.ok) return usage(input.problem);
  const { resource: wanted, at: then } = input.value;
  const held =
    then === null
      ? { holders: holdersOn(tip.board, wanted, now), commit: tip.commit }
      : await reading(coordination, (reader) => heldAt(reader, tip.commit, wanted, then));
  return done({ ...held, resource: `${wanted.kind}:${wanted.name}` }, tip, notices);
}

export interface Span {
  readonly since?: string | null;
  readonly until?: string | null;
}

/** Every hold and wait of a span as an interval. */
export async function timeline(coordination: Coordination, span: Span = {}): Promise<Outcome<Timeline>> {
  const now = coordination.ledger.clock.wall();
  const input = readInput(() => ({
    since: span.since != null ? readTime(span.since, now) : null,
    until: span.until != null ? readTime(span.until, now) : null,
  }));
  if (!input.ok) return usage(input.problem);
  const range = input.value;
  const { tip, notices } = await readBoard(coordination);
  const view = await reading(coordination, (reader) => readTimeline(reader, tip.commit, range, now));
  return done(view, tip, notices);
}

/** Contention, waits, hold times, breaks: per resource and per orchestrator. */
export async function report(coordination: Coordination, span: Span = {}): Promise<Outcome<Report>> {
  const outcome = await timeline(coordination, span);
  return outcome.ok ? { ...outcome, value: makeReport(outcome.value) } : outcome;
}

/**
 * Replays the history, from where this clone last verified it, or with `full` from the root. A board that cannot
 * be read and a branch that was rewritten are findings here, not failures.
 * @throws LedgerFailure `unreachable`, `no_branch`, `history_cut`; `rewritten` when what was seen last is not all here
 */
export async function verify(coordination: Coordination, { full = false } = {}): Promise<Outcome<Verification>> {
  const { ledger, verified } = coordination;
  const { tip, lost, there } = await tipToVerify(coordination);
  const options = { now: ledger.clock.wall(), full, lost };
  const result = await reading(coordination, (reader) => verifyChain(reader, verified, tip, options)).catch((error) => {
    // Of a branch that was rewritten, what was not fetched before is gone: that it was rewritten is the answer.
    const isGone = lost !== null && error instanceof LedgerFailure && error.code === "history_cut";
    throw isGone ? new LedgerFailure({ code: "rewritten", known: lost, remote: there }) : error;
  });
  return done(result, { seq: result.seq, commit: tip });
}

async function tipToVerify({
  ledger,
  signal,
}: Coordination): Promise<{ tip: Oid; lost: Oid | null; there: Oid | null }> {
  const fetched = await ledger.remote.fetch(signal);
  switch (fetched.kind) {
    case "tip":
      return { tip: fetched.tip, lost: null, there: fetched.tip };
    case "absent":
      throw new LedgerFailure({ code: "no_branch" });
    case "unreachable":
      throw new LedgerFailure({ code: "unreachable", words: fetched.words });
    // What stands there now is not here: what was seen last can be verified, and the loss reported.
    case "rewritten":
      return { tip: fetched.known, lost: fetched.known, there: fetched.remote };
  }
}

export type { Finding } from "../history/finding.ts";
export type { Hold, Wait } from "../history/holds.ts";
export type { Report, Tally } from "../history/report.ts";
export type { Timeline } from "../history/timeline.ts";
export type { EditNote, Verification } from "../history/verify.ts";
export type { Held, Holding } from "../history/who.ts";
