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
import { propose } from "./proposal.ts";
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

/**
 * Decides the jobs and tells each caller what came of it, own job included (by its name, in what is returned).
 * @param doubt nothing new is decided then: who may have landed is told `unknown`, the others what is in the way
 */
export async function serve(
  ledger: Ledger,
  jobs: readonly Job[],
  own: Job,
  doubt: Doubt | null,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Reply>> {
  const replies = new Map<string, Reply>();
  const reply = async (job: Job, value: Reply): Promise<void> => {
    if (replies.has(job.name)) return;
    replies.set(job.name, value);
    if (job.name !== "") await ledger.queue.reply(job, value);
  };
  if (doubt) {
    for (const job of jobs) await reply(job, { kind: "failed", data: failureIn(doubt, job) });
    return replies;
  }
  try {
    // Whoever interrupts this command does not interrupt those of others.
    await decideAll(ledger, jobs, reply, jobs.length === 1 ? signal : undefined);
  } catch (error) {
    if (jobs.length === 1) throw error;
    // Something that nobody foresaw: one's own job goes by itself, and so will the one to blame.
    const alone = jobs.filter(({ name }) => name === own.name);
    await decideAll(ledger, alone, reply, signal);
  }
  return replies;
}

function failureIn({ failure, open }: Doubt, job: Job): FailureData {
  const own = open.find(({ opId }) => job.requests.some((request) => request.opId === opId));
  const { words } = { words: "", ...failure.data };
  return own ? { code: "unknown", words, commit: own.commit } : failure.data;
}

async function decideAll(
  ledger: Ledger,
  jobs: readonly Job[],
  reply: (job: Job, value: Reply) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const open = jobs.flatMap((job) => job.requests.filter((request) => !landedOf(job, request)));
  const replyTo = async (some: readonly Job[], answers: readonly Answered<Verdict>[]) => {
    for (const job of some) {
      const told = job.requests.map(async (request) => {
        const landed = landedOf(job, request);
        const answer = landed
          ? await answerInChain(ledger.objects, landed.commit, request)
          : answers[open.indexOf(request)];
        return toAnswer(answer as Answered<Verdict>, request);
      });
      await reply(job, { kind: "answers", answers: await Promise.all(told) });
    }
  };
  await replyTo(
    jobs.filter((job) => job.requests.every((request) => landedOf(job, request))),
    [],
  );
  if (open.length === 0) return;
  try {
    const landed = (answers: readonly Answered<Verdict>[]) => replyTo(jobs, answers);
    await landed((await decideAndPublish(ledger, open.map(propose), { signal, landed })).answers);
  } catch (error) {
    if (!(error instanceof LedgerFailure)) throw error;
    for (const job of jobs) {
      const [part] = job.landed;
      const data: FailureData = part ? { code: "unknown", words: "", commit: part.commit } : error.data;
      await reply(job, { kind: "failed", data });
    }
  }
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
