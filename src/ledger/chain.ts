import type { Observation } from "../domain/verdict.ts";
import { formatMessage } from "./entry.ts";
import { LedgerFailure } from "./failure.ts";
import type { Clock, ObjectStore, Oid, Pending, PendingRequest, Person } from "./ports.ts";
import type { Draft, Proposal } from "./proposal.ts";
import { BOARD_FILE, BOARD_LIMIT, readBoardAt, type Tip } from "./tip.ts";

/** What the decisions of one attempt came to: commits one after another on the tip, and an answer for each proposal. */
export interface Chain<A> {
  readonly base: Tip;
  /** The last commit's tip; the base itself when nothing is to be written. */
  readonly end: Tip;
  /** In the order of the proposals; behind them those of the riders, when there was something to ride on. */
  readonly answers: readonly Answered<A>[];
  /** The record of the push that publishes it; null when there is nothing to push. */
  readonly pending: Pending | null;
}

export interface Answered<A> {
  readonly answer: A;
  /** The tip right after this proposal, or the one on which it was decided that nothing is written. */
  readonly tip: Tip;
  readonly written: boolean;
}

export interface Writer {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly committer: Person;
}

/** A tip further ahead of the local clock than this is not followed: one day, in milliseconds. */
export const FAR_AHEAD = 24 * 3_600_000;

/**
 * Decides proposals in order, each on the outcome of those before it, and writes one commit for each that is
 * granted. Nothing is published: the commits are on no ref, so nothing could push them by accident (FAILURES 6).
 * @param riders proposals that are worth a commit, but no push: decided only when there is one already
 */
export async function buildChain<A>(
  writer: Writer,
  base: Tip,
  proposals: readonly Proposal<A>[],
  observed: readonly Observation[],
  riders: readonly Proposal<A>[] = [],
): Promise<Chain<A>> {
  const answers: Answered<A>[] = [];
  const requests: PendingRequest[] = [];
  const startedAt = writer.clock.wall();
  let tip = base;
  for (const [index, proposal] of [...proposals, ...riders].entries()) {
    if (index >= proposals.length && requests.length === 0) break;
    const clock = writer.clock.wall();
    if (tip.at - clock > FAR_AHEAD) {
      throw new LedgerFailure({ code: "far_ahead", commit: tip.commit, at: tip.at, clock });
    }
    const context = { at: Math.max(clock, tip.at), seq: tip.seq + 1, clock, observed };
    const decision = await proposal.decide(tip, context, (path) => readText(writer.objects, tip.commit, path));
    if (decision.kind === "write") {
      const commit = await writeDraft(writer, tip.commit, decision.draft, proposal.opId, context);
      requests.push({ opId: proposal.opId, subject: decision.draft.subject, commit });
      tip = readBoardAt({ commit, ...context }, decision.draft.files.get(BOARD_FILE) ?? tip.text);
    }
    answers.push({ answer: decision.answer, tip, written: decision.kind === "write" });
  }
  const pending = requests.length === 0 ? null : { base: base.commit, commit: tip.commit, startedAt, requests };
  return { base, end: tip, answers, pending };
}

/** Writes the commit of a draft on `parent` (null: a root). */
export async function writeDraft(
  { objects, committer }: Writer,
  parent: Oid | null,
  draft: Draft,
  opId: string,
  { at, seq }: { readonly at: number; readonly seq: number },
): Promise<Oid> {
  const entry = { ...draft.entry, opId, at, seq };
  return objects.writeCommit({
    parent,
    files: draft.files,
    author: draft.author,
    committer,
    at,
    message: formatMessage(draft.subject, draft.body, entry, draft.request),
  });
}

async function readText(objects: ObjectStore, commit: Oid, path: string): Promise<string | null> {
  const file = await objects.readFile(commit, path, BOARD_LIMIT);
  if (file.kind === "text") return file.text;
  if (file.kind === "missing") return null;
  const problem = { line: null, code: "bad_archive", message: `${path} cannot be read as text (${file.why})` };
  throw new LedgerFailure({ code: "bad_board", commit, problems: [problem] });
}
