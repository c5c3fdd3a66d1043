/** One batch of the group commit: the requests of several callers, decided in order and landed in one push. */
import type { Board } from "../domain/board.ts";
import { idKey, type OrchestratorId } from "../domain/identifier.ts";
import type { Request } from "../domain/request.ts";
import { formatResource } from "../domain/resource.ts";
import type { Grant, Refusal, Verdict } from "../domain/verdict.ts";
import { answerInChain } from "./answer-in-chain.ts";
import type { Answered } from "./chain.ts";
import { type FailureData, LedgerFailure } from "./failure.ts";
import type { Ledger } from "./ledger.ts";
import type { HeldFence, Job, Oid, PendingRequest } from "./ports.ts";
import { type Proposal, propose } from "./proposal.ts";
import { type Settlement, settle } from "./settle.ts";
import type { Position } from "./tip.ts";
import { decideAndPublish } from "./transact.ts";

/** What came of one request, in a form that can be told to another process. */
export interface Answer {
  readonly verdict:
    | { readonly kind: "granted" | "unchanged"; readonly grant: Grant }
    | { readonly kind: "refused"; readonly refusal: Refusal };
  /** The commit that grants it, or the tip that it was decided on. */
  readonly tip: Position & { readonly commit: Oid };
  readonly written: boolean;
  /** Everything that the actor holds on that board. */
  readonly held: readonly HeldFence[];
}

/** What a caller is told; it goes from one process to another as JSON. */
export type Reply =
  | { readonly kind: "answers"; readonly answers: readonly Answer[] }
  | { readonly kind: "failed"; readonly data: FailureData };

/** What stands in the way of everything new: pushes in doubt that could not be settled. */
export interface Doubt {
  readonly failure: LedgerFailure;
  readonly open: readonly PendingRequest[];
}

/** Settles what others left in doubt. @returns null, or what could not be settled and why */
export async function settleAll(ledger: Ledger, settled: Settlement[]): Promise<Doubt | null> {
  try {
    settled.push(...(await settle(ledger, "write")));
    return null;
  } catch (failure) {
    if (!(failure instanceof LedgerFailure)) throw failure;
    return { failure, open: (await ledger.pending.list()).flatMap(({ requests }) => requests) };
  }
}

/** What goes with the jobs of a batch and is nobody's request in the queue: renewals. */
export interface Company {
  readonly proposals: readonly Proposal<Verdict>[];
  /** Whether they are worth a push by themselves, or only travel with others. */
  readonly alone: boolean;
}

export interface Batch {
  readonly jobs: readonly Job[];
  /** The caller's own among them; null when it has come with nothing but its company. */
  readonly own: Job | null;
  readonly company: Company;
  /** The caller's. Whoever interrupts this command does not interrupt those of others. */
  readonly signal: AbortSignal | undefined;
}

export interface Served {
  /** What each caller was told, by the name of its job. */
  readonly replies: ReadonlyMap<string, Reply>;
  /** The answers to the company's proposals; none when there was nothing to ride on. */
  readonly company: readonly Answered<Verdict>[];
}

type Tell = (job: Job, value: Reply) => Promise<void>;

/**
 * Decides the jobs and what goes with them, and tells each caller what came of it, own job included (by its name, in
 * what is returned).
 * @param doubt nothing new is decided then: who may have landed is told `unknown`, the others what is in the way
 * @throws LedgerFailure when there is no own job that could be told of it
 */
export async function serve(ledger: Ledger, batch: Batch, doubt: Doubt | null): Promise<Served> {
  const { jobs, own, company, signal } = batch;
  const replies = new Map<string, Reply>();
  const tell: Tell = async (job, value) => {
    if (replies.has(job.name)) return;
    replies.set(job.name, value);
    if (job.name !== "") await ledger.queue.reply(job, value);
  };
  const told = (failure: LedgerFailure): Served => {
    if (own === null) throw failure;
    return { replies, company: [] };
  };
  if (doubt) {
    for (const job of concerned(batch, doubt.failure)) {
      await tell(job, { kind: "failed", data: failureIn(doubt, job) });
    }
    return told(doubt.failure);
  }
  const isAlone = jobs.every((job) => job === own);
  try {
    return { replies, company: await decideAll(ledger, { ...batch, signal: isAlone ? signal : undefined }, tell) };
  } catch (error) {
    const hasRiders = !company.alone && company.proposals.length > 0;
    // Perhaps it was a rider that a hook of the server did not like.
    if (hasRiders && error instanceof LedgerFailure && error.code === "remote_refused") {
      return serve(ledger, { ...batch, company: NOBODY }, null);
    }
    if (error instanceof LedgerFailure) {
      for (const job of concerned(batch, error)) await tell(job, { kind: "failed", data: failureOf(error, job) });
      return told(error);
    }
    if (isAlone && !hasRiders) throw error;
    // Something that nobody foresaw: one's own goes by itself, and so will the one to blame.
    const alone = own === null ? { jobs: [], company } : { jobs: [own], company: NOBODY };
    return own && replies.has(own.name) ? { replies, company: [] } : serve(ledger, { ...batch, ...alone }, null);
  }
}

const NOBODY: Company = { proposals: [], alone: false };

/** Whom a failure is told to. When only this caller has lost patience with a remote that rests, the others may wait on. */
function concerned({ jobs, own, signal }: Batch, { data }: LedgerFailure): readonly Job[] {
  const isOwnPatience = signal?.aborted && data.code === "unreachable" && data.retryAfter !== undefined;
  return isOwnPatience ? jobs.filter((job) => job === own) : jobs;
}

function failureIn({ failure, open }: Doubt, job: Job): FailureData {
  const own = open.find(({ opId }) => job.requests.some((request) => request.opId === opId));
  return own ? unknownAs(failure, own) : failure.data;
}

function failureOf(failure: LedgerFailure, { landed: [part] }: Job): FailureData {
  return part ? unknownAs(failure, part) : failure.data;
}

/** A part of what a job asked for may have landed, or has: then the failure is not the whole truth. */
function unknownAs({ data }: LedgerFailure, { commit }: PendingRequest): FailureData {
  const words = "words" in data ? data.words : "";
  return { code: "unknown", words, commit, ...("retryAfter" in data && { retryAfter: data.retryAfter }) };
}

/** @returns the answers to the company's proposals */
async function decideAll(
  ledger: Ledger,
  { jobs, company, signal }: Batch,
  tell: Tell,
): Promise<readonly Answered<Verdict>[]> {
  const open = jobs.flatMap((job) => job.requests.filter((request) => !landedOf(job, request)));
  const tellAll = async (some: readonly Job[], answers: readonly Answered<Verdict>[]) => {
    for (const job of some) {
      const told = job.requests.map(async (request) => {
        const landed = landedOf(job, request);
        const answer = landed
          ? await answerInChain(ledger.objects, landed.commit, request)
          : answers[open.indexOf(request)];
        return toAnswer(answer as Answered<Verdict>, request);
      });
      await tell(job, { kind: "answers", answers: await Promise.all(told) });
    }
  };
  await tellAll(
    jobs.filter((job) => job.requests.every((request) => landedOf(job, request))),
    [],
  );
  const { proposals: renewals, alone } = company;
  if (open.length === 0 && !alone) return [];
  const proposals = [...open.map(propose), ...(alone ? renewals : [])];
  const landed = (answers: readonly Answered<Verdict>[]) => tellAll(jobs, answers);
  const course = { signal, landed, riders: alone ? [] : renewals };
  const { answers } = await decideAndPublish(ledger, proposals, course);
  await landed(answers);
  return answers.slice(open.length);
}

const landedOf = ({ landed }: Job, { opId }: Request): PendingRequest | undefined =>
  landed.find((each) => each.opId === opId);

/** Everything that an orchestrator holds on a board. */
export function heldBy({ leases }: Board, id: OrchestratorId): readonly HeldFence[] {
  return leases
    .filter((lease) => idKey(lease.holder) === idKey(id))
    .map(({ resource, fence }) => ({ resource: formatResource(resource), fence }));
}

/** An answer as it is told to others. */
export function toAnswer({ answer, tip, written }: Answered<Verdict>, { actor }: Request): Answer {
  const held = heldBy(tip.board, actor.id);
  const verdict: Answer["verdict"] =
    answer.kind === "refused"
      ? { kind: "refused", refusal: answer.refusal }
      : { kind: answer.kind, grant: answer.grant };
  const { commit, seq, at } = tip;
  return { verdict, tip: { commit, seq, at }, written, held };
}
