import { type Duration, MINUTE } from "../domain/instant.ts";
import { type Backoff, backoff } from "./backoff.ts";
import { type Answered, buildChain, type Chain } from "./chain.ts";
import { LedgerFailure } from "./failure.ts";
import { knownTip, type Ledger, refresh, remember } from "./ledger.ts";
import type { Proposal } from "./proposal.ts";
import { publish } from "./publish.ts";
import { type Settlement, settle } from "./settle.ts";
import type { Tip } from "./tip.ts";
import {
  afterLanding,
  afterLoss,
  afterSteppingAside,
  hasCompany,
  mayBeOver,
  readTurn,
  type Turn,
  timeAside,
} from "./turn.ts";

export interface Transaction<A> {
  /** In the order of the proposals; behind them those of the riders, if there was something to ride on. */
  readonly answers: readonly Answered<A>[];
  /** How many pushes it took; 0 when nothing had to be written. */
  readonly pushes: number;
  /** What earlier commands had left open and this one settled first. */
  readonly settled: readonly Settlement[];
}

/**
 * How often a lost race is run again, and how long the pauses may grow: in times of a lost push. Whoever wins goes on at
 * once and knows the tip, so a loser that comes back sooner than after a few pushes mostly loses again; one that waits for
 * many leaves the remote idle. At 16 writers these bounds cost the least pushes for nearly the most claims (docs/SCALING.md).
 */
const RACES: Backoff = { attempts: 64, first: 5, most: 24 };
/**
 * Whoever has lost so many races looks for a gap before each further push, at most so many times: that is longer than
 * any turn (turn.ts). Where many meet few lose so often, and looking earlier would cost them more than it saves.
 */
const LISTENING = { after: 5, looks: 40 };
/**
 * When nothing is tried again any more: a caller has to hear, and the others of its clone wait for it (`PATIENCE` in
 * group.ts is longer).
 */
const ENOUGH: Duration = 4 * MINUTE;
/** What a push counts at least and at most, milliseconds: also where a clock stands still, or git waited for something else. */
const [SHORTEST, LONGEST] = [10, 1000];

/**
 * Decides proposals on the tip and publishes what they come to, all in one push.
 * Optimistic: the first attempt builds on the tip seen last and fetches nothing. An answer that writes
 * nothing (a refusal, or "already so") is final only on a tip that was fetched after the call, or that a
 * push of the same chain has just proven to be current.
 * @throws LedgerFailure; `contention` when others won every attempt, or for four minutes.
 */
export async function transact<A>(
  ledger: Ledger,
  proposals: readonly Proposal<A>[],
  signal?: AbortSignal,
): Promise<Transaction<A>> {
  const settled = await settle(ledger, "write");
  return { ...(await decideAndPublish(ledger, proposals, { signal })), settled };
}

export interface Course<A> {
  readonly signal?: AbortSignal | undefined;
  /** Proposals that travel with the others, but not by themselves. */
  readonly riders?: readonly Proposal<A>[] | undefined;
  /** Told the answers once they have landed, before the record of the push is removed (see `Attempt.landed`). */
  readonly landed?: (answers: readonly Answered<A>[]) => Promise<void>;
}

/** As {@link transact}, when everything that was in doubt is settled. */
export async function decideAndPublish<A>(
  ledger: Ledger,
  proposals: readonly Proposal<A>[],
  { signal, riders, landed }: Course<A>,
): Promise<Omit<Transaction<A>, "settled">> {
  const until = ledger.clock.monotonic() + ENOUGH;
  let pushes = 0;
  let { tip, fresh } = await firstTip(ledger, signal);
  let turn = await stepAside(ledger, tip, signal);
  for (const pause of backoff(ledger, RACES, signal)) {
    let chain = await build(ledger, tip, proposals, riders);
    if (chain.pending === null && !fresh) {
      ({ tip, fresh } = { tip: await refresh(ledger, signal), fresh: true });
      chain = await build(ledger, tip, proposals, riders);
    }
    const { pending, answers } = chain;
    if (pending === null) return { answers, pushes };
    pushes += 1;
    const begin = ledger.clock.monotonic();
    const outcome = await publish(ledger, { pending, signal, landed: async () => landed?.(answers) });
    const ended = ledger.clock.monotonic();
    const took = Math.min(Math.max(ended - begin, SHORTEST), LONGEST);
    if (outcome === "landed") {
      await keepTurn(ledger, afterLanding(turn, tip.commit, { tip: chain.end.commit, ended, took }));
      await remember(ledger, chain.end);
      return { answers, pushes };
    }
    turn = await keepTurn(ledger, afterLoss(turn));
    const listens = pushes >= LISTENING.after;
    // Looking for a gap is a pause of its own.
    if (!(await pause(listens ? 0 : took))) break;
    const quiet = Math.max(took, turn.took) * stillness(pushes);
    ({ tip, fresh } = {
      tip: listens ? await nextGap(ledger, quiet, until, signal) : await refresh(ledger, signal),
      fresh: true,
    });
    if (signal?.aborted || ledger.clock.monotonic() > until) break;
  }
  throw new LedgerFailure({ code: "contention", attempts: pushes });
}

/** Lets others in after a long turn: see turn.ts. */
async function stepAside(ledger: Ledger, tip: Tip, signal?: AbortSignal): Promise<Turn> {
  const { clock, random, sessions, turnStore } = ledger;
  const turn = readTurn(await turnStore.load(), clock.bootId());
  if (!mayBeOver(turn, tip.commit, clock.monotonic())) return turn;
  const aside = timeAside(turn, await hasCompany(tip.board, clock.wall(), sessions), random.uniform);
  if (aside === 0) return turn;
  await clock.sleep(aside, signal).catch(() => {});
  return afterSteppingAside(turn);
}

/** Never fails: what is not kept costs others a longer wait, and what has landed has landed. */
async function keepTurn({ turnStore }: Ledger, turn: Turn): Promise<Turn> {
  await turnStore.save(turn).catch(() => {});
  return turn;
}

/**
 * The remote's tip, as soon as it has stood still for some time: between two pushes of a clone that has much to do no
 * push of others lands, and trying costs more than looking.
 * @param quiet milliseconds; somewhat more of them are a gap
 */
async function nextGap(ledger: Ledger, quiet: Duration, until: Duration, signal?: AbortSignal): Promise<Tip> {
  const { clock, random } = ledger;
  let tip = await refresh(ledger, signal);
  for (let look = 0; look < LISTENING.looks && clock.monotonic() <= until; look += 1) {
    await clock.sleep(quiet * (1 + random.uniform() / 2), signal).catch(() => {});
    if (signal?.aborted) break;
    const next = await refresh(ledger, signal);
    if (next.commit === tip.commit) return next;
    tip = next;
  }
  return tip;
}

/**
 * How long a gap is at least, in times of one's own push: longer after each gap that was none, for a push that loses
 * is sooner over than one that lands, and a newcomer knows of no other.
 */
const stillness = (pushes: number): number => Math.min(3, 1 + Math.max(0, pushes - LISTENING.after) / 2);

/** The tip seen last if it can be built on; otherwise the remote's. */
async function firstTip(ledger: Ledger, signal?: AbortSignal): Promise<{ tip: Tip; fresh: boolean }> {
  const known = await knownTip(ledger).catch((error: unknown) => {
    if (error instanceof LedgerFailure && error.code === "bad_board") return null;
    throw error;
  });
  return known ? { tip: known, fresh: false } : { tip: await refresh(ledger, signal), fresh: true };
}

async function build<A>(
  ledger: Ledger,
  tip: Tip,
  proposals: readonly Proposal<A>[],
  riders: readonly Proposal<A>[] | undefined,
): Promise<Chain<A>> {
  const objection = (await ledger.acceptTip?.(tip)) ?? null;
  if (objection) throw objection;
  return buildChain(ledger, tip, proposals, ledger.memory.observed, riders);
}
