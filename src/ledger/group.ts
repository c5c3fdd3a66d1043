/**
 * Group commit (DESIGN 7): of all processes that share a clone, the one that has the machine's lock decides the
 * requests of all that wait, in order, as a chain of commits, and lands them in one push; the others find their
 * replies. Nothing waits for company: a lone request goes at once and leaves no file behind.
 *
 *   lock free      take it, take what waits, decide, push, reply to the others, free it, call the next
 *   lock taken     write a job, wait for the reply or for one's turn
 *
 * Whoever dies leaves either the record of its push or the replies: a request is never decided a second time. A job
 * that was taken by a process which died is taken again by the next, after the record of that push was settled.
 */
import type { Duration } from "../domain/instant.ts";
import type { Request } from "../domain/request.ts";
import type { Verdict } from "../domain/verdict.ts";
import { type Answer, type Reply, serve, settleAll } from "./batch.ts";
import type { Answered } from "./chain.ts";
import { LedgerFailure, restOf, unreachable } from "./failure.ts";
import type { Ledger } from "./ledger.ts";
import type { HeldLock, Job, Ticket } from "./ports.ts";
import type { Proposal } from "./proposal.ts";
import type { Settlement } from "./settle.ts";

export interface Performed {
  /** In the order of the requests. */
  readonly answers: readonly Answer[];
  /** What earlier commands had left open and this one settled first. */
  readonly settled: readonly Settlement[];
}

/** How many jobs travel in one push at most: so many commits are still read and replayed in a moment. */
const BATCH = 64;
/** How long a caller waits before it looks by itself whether the lock has become free. */
const LOOK: Duration = 250;
/** How long a caller waits for another process of this clone: longer than all that one of them may try. */
const PATIENCE: Duration = 5 * 60_000;
/** How long a caller that wants to stop waits for the reply to a job that somebody has taken. */
const GRACE: Duration = 10_000;

/**
 * Decides requests of one caller in order and publishes what they come to, together with those of others.
 * @throws LedgerFailure; `busy` when another process of this clone had the lock all the time.
 */
export async function perform(
  ledger: Ledger,
  requests: readonly Request[],
  { signal, riders = NO_RIDERS }: Call = {},
): Promise<Performed> {
  const lock = await ledger.lock.tryAcquire();
  if (lock) return lead(ledger, lock, { name: "", requests, landed: [] }, { signal, riders });
  const ticket = await ledger.queue.submit(requests);
  try {
    return await waitInLine(ledger, ticket, requests, { signal, riders });
  } finally {
    await ticket.close();
  }
}

export interface Call {
  readonly signal?: AbortSignal | undefined;
  readonly riders?: Riders;
}

/** What this process takes along when it pushes anyway, and nobody waits for. */
export interface Riders {
  /** Asked by whoever leads, right before it decides. */
  readonly proposals: () => Promise<readonly Proposal<Verdict>[]>;
  /** Told what came of them: nothing when no push was made. */
  readonly onAnswers: (answers: readonly Answered<Verdict>[]) => Promise<void>;
}

const NO_RIDERS: Riders = { proposals: async () => [], onAnswers: async () => {} };

/** Runs what must not meet another process of this clone: a founding, a repair, a hand edit, renewals. */
export async function exclusively<T>(ledger: Ledger, act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const lock = (await ledger.lock.tryAcquire()) ?? (await waitForLock(ledger, signal));
  try {
    return await act();
  } finally {
    await handOn(ledger, lock);
  }
}

/** In the line with all others: whoever only looks now and then is passed by those who are called. */
async function waitForLock(ledger: Ledger, signal?: AbortSignal): Promise<HeldLock> {
  const begin = ledger.clock.monotonic();
  const ticket = await ledger.queue.standInLine();
  try {
    for (;;) {
      const lock = await ledger.lock.tryAcquire();
      if (lock) return lock;
      if (signal?.aborted || ledger.clock.monotonic() - begin > PATIENCE) throw await busy(ledger);
      await ticket.wait(LOOK * (1 + ledger.random.uniform()), signal);
    }
  } finally {
    await ticket.close();
  }
}

/** Publishes proposals of this process in one push, and takes along whatever waits in the queue. Throws as {@link perform}. */
export function publishTogether(
  ledger: Ledger,
  proposals: readonly Proposal<Verdict>[],
  signal?: AbortSignal,
): Promise<{ readonly answers: readonly Answered<Verdict>[]; readonly settled: readonly Settlement[] }> {
  const act = async () => {
    const settled: Settlement[] = [];
    const doubt = await settleAll(ledger, settled);
    const jobs = await ledger.queue.take(BATCH);
    const batch = { jobs, own: null, company: { proposals, alone: true }, signal };
    return { answers: (await serve(ledger, batch, doubt)).company, settled };
  };
  return exclusively(ledger, act, signal);
}

/** Nothing was sent: the lock was never free, perhaps because whoever has it waits for a remote that rests. */
async function busy({ remote, lock }: Ledger): Promise<LedgerFailure> {
  if ((await remote.restsUntil()) !== null) return unreachable(remote, "");
  const pid = lock.holder?.() ?? null;
  return new LedgerFailure({ code: "busy", ...(pid !== null && { pid }) });
}

async function waitInLine(
  ledger: Ledger,
  ticket: Ticket,
  requests: readonly Request[],
  call: Required<Call>,
): Promise<Performed> {
  const { clock } = ledger;
  const { signal } = call;
  const begin = clock.monotonic();
  for (;;) {
    const reply = (await ticket.reply()) as Reply | null;
    if (reply) return performed(reply);
    const lock = await ledger.lock.tryAcquire();
    if (lock) {
      // Somebody may have replied just before the lock became free.
      const last = (await ticket.reply()) as Reply | null;
      if (last === null) return lead(ledger, lock, { name: ticket.name, requests, landed: [] }, call);
      await handOn(ledger, lock);
      return performed(last);
    }
    if (signal?.aborted || clock.monotonic() - begin > PATIENCE) return giveUp(ledger, ticket);
    await ticket.wait(LOOK * (1 + ledger.random.uniform()), signal);
  }
}

/** A job that nobody has taken is gone with its ticket; one that was taken may land. */
async function giveUp(ledger: Ledger, ticket: Ticket): Promise<Performed> {
  const { clock, remote } = ledger;
  if (await ticket.withdraw()) throw await busy(ledger);
  for (const begin = clock.monotonic(); clock.monotonic() - begin < GRACE; await ticket.wait(LOOK)) {
    const reply = (await ticket.reply()) as Reply | null;
    if (reply) return performed(reply);
  }
  const words = "another process of this clone has not replied";
  throw new LedgerFailure({ code: "unknown", words, commit: null, ...(await restOf(remote)) });
}

function performed(reply: Reply, settled: readonly Settlement[] = []): Performed {
  if (reply.kind === "failed") throw new LedgerFailure(reply.data);
  return { answers: reply.answers, settled };
}

async function handOn({ queue }: Ledger, lock: HeldLock): Promise<void> {
  await lock.release();
  await queue.callNext();
}

/** Serves everybody, until one's own job has its reply. */
async function lead(ledger: Ledger, lock: HeldLock, own: Job, { signal, riders }: Required<Call>): Promise<Performed> {
  try {
    const settled: Settlement[] = [];
    for (;;) {
      const doubt = await settleAll(ledger, settled);
      const jobs = withOwn(await ledger.queue.take(BATCH), own);
      // Nothing about them may become the trouble of whoever asked for something.
      const company = { proposals: await riders.proposals().catch(() => []), alone: false };
      const served = await serve(ledger, { jobs, own: jobs.find(isOwn(own)) ?? null, company, signal }, doubt);
      await riders.onAnswers(served.company).catch(() => {});
      const reply = served.replies.get(own.name);
      if (reply) return performed(reply, settled);
    }
  } finally {
    await handOn(ledger, lock);
  }
}

const isOwn =
  (own: Job) =>
  ({ name }: Job): boolean =>
    name === own.name;

/** A job without a ticket came last. */
function withOwn(jobs: readonly Job[], own: Job): readonly Job[] {
  return jobs.some(isOwn(own)) ? jobs : [...jobs, own];
}
