import type { Board } from "../domain/board.ts";
import { endsWithLongestHold, findOrchestrator, sessionExpiry } from "../domain/expiry.ts";
import { type Duration, MINUTE } from "../domain/instant.ts";
import type { Actor, Renew, Request } from "../domain/request.ts";
import { leasesOf } from "../domain/session.ts";
import { readSettings } from "../domain/settings.ts";
import type { Context, Verdict } from "../domain/verdict.ts";
import { type Answer, heldBy, toAnswer } from "../ledger/batch.ts";
import type { Answered } from "../ledger/chain.ts";
import { publishTogether, type Riders } from "../ledger/group.ts";
import { type Proposal, propose } from "../ledger/proposal.ts";
import type { Transaction } from "../ledger/transact.ts";
import type { Coordination } from "./coordination.ts";
import { afterGrant } from "./holdings.ts";
import { localTip } from "./local-tip.ts";

/** The shortest time for which something of an orchestrator was last granted; null when nothing can be renewed. */
export function shortestTime(board: Board, id: string): Duration | null {
  const settings = readSettings(board);
  const row = findOrchestrator(board, id);
  const seen = row?.lastSeen ?? null;
  if (!row || seen === null) return null;
  const ends = leasesOf(board, id)
    .filter((lease) => lease.expires !== null && !endsWithLongestHold(board, lease, settings))
    .map((lease) => lease.expires ?? 0);
  return Math.min(...[...ends, sessionExpiry(row, settings) ?? 0].map((end) => Math.max(0, end - seen)));
}

/** How much of the time is kept back for the push of a renewal, and for a second one if that fails: milliseconds. */
const IN_HAND: Duration = MINUTE;

/**
 * How long after an orchestrator was last seen its renewal may be put off without risk to what it holds: not to the end,
 * for work that relies on it stops earlier (`termOf`), and a push needs its time. Null when nothing can be renewed.
 */
export function longestDelay(board: Board, id: string): Duration | null {
  const time = shortestTime(board, id);
  if (time === null) return null;
  const margin = Math.min(readSettings(board).clockTolerance, time / 3);
  return Math.max(0, time - margin - Math.min(IN_HAND, time / 4));
}

/**
 * What has been renewed less than this long ago needs no other renewal yet: milliseconds. As nothing falls due
 * before a minute and a half, whoever is left out of one push is due more than a minute after it.
 */
const RECENT: Duration = 20_000;

/** How old a renewal has to be before another one is made, of what was granted for such a time. */
type Threshold = (time: Duration) => Duration;

/** Among renewals: what travels now does not fall due soon after. */
const notRecent: Threshold = (time) => Math.min(RECENT, time / 4);
/** With a push that somebody waits for: only what would soon be a push of its own. */
const ripe: Threshold = (time) => time / 4;

/**
 * Whether enough time has gone since an orchestrator was last seen for a renewal that travels with others. A
 * clock that is behind the ledger's time cannot tell: then it is renewed in any case.
 */
function hasAged(
  board: Board,
  id: string,
  { at, clock }: Pick<Context, "at" | "clock">,
  threshold: Threshold,
): boolean {
  const time = shortestTime(board, id);
  const seen = findOrchestrator(board, id)?.lastSeen ?? at;
  return time !== null && (clock < seen || at - seen >= threshold(time));
}

/** A renewal that comes to nothing where another process has just made it: so two that start together make one push. */
function renewalIfAged(request: Request, threshold: Threshold): Proposal<Verdict> {
  const proposal = propose(request);
  return {
    opId: proposal.opId,
    async decide(tip, context, readText) {
      if (hasAged(tip.board, request.actor.id, context, threshold)) return proposal.decide(tip, context, readText);
      const grant = { op: "renew", leases: [], expires: null } as const;
      return { kind: "stop", answer: { kind: "unchanged", grant } };
    },
  };
}

/** The orchestrators whose processes on this machine want to be kept alive, other than this one. */
async function companions({ ledger, pulses, sessions, host }: Coordination, id: string): Promise<readonly Actor[]> {
  const [now, boot] = [ledger.clock.monotonic(), ledger.clock.bootId()];
  // A pulse that cannot be read only means that somebody renews for itself.
  const alive = (await pulses.list().catch(() => [])).filter((pulse) => pulse.bootId === boot && pulse.until >= now);
  const ids = [...new Set(alive.map((pulse) => pulse.id))].filter((other) => other.toLowerCase() !== id.toLowerCase());
  const actors = await Promise.all(
    ids.map(async (other): Promise<Actor[]> => {
      const session = await sessions.get(other);
      return session === null ? [] : [{ id: other, session, host }];
    }),
  );
  return actors.flat();
}

const renewal = ({ ledger }: Coordination, actor: Actor, renew: Partial<Renew> = {}): Request => ({
  opId: ledger.random.opId(),
  actor,
  operation: { op: "renew", ttl: null, expected: [], ...renew },
});

export interface Renewed extends Omit<Transaction<Verdict>, "pushes"> {
  /** The first answer, as its orchestrator is told. */
  readonly told: Answer;
}

/**
 * Renews what an orchestrator holds and, in the same push, what all those hold whose processes on this machine
 * are alive and whose time has run for a while. The first answer is the orchestrator's own.
 * @param wish null: only if nobody has renewed it meanwhile, and whatever it holds
 * @throws LedgerFailure
 */
export async function renewTogether(
  coordination: Coordination,
  actor: Actor,
  wish: Pick<Renew, "ttl" | "expected"> | null,
): Promise<Renewed> {
  const own = renewal(coordination, actor, wish ?? {});
  const others = (await companions(coordination, actor.id)).map((other) => renewal(coordination, other));
  const proposals = [
    wish === null ? renewalIfAged(own, notRecent) : propose(own),
    ...others.map((other) => renewalIfAged(other, notRecent)),
  ];
  const { ledger, signal } = coordination;
  const { answers, settled } = await publishTogether(ledger, proposals, signal);
  await keepInMind(coordination, [own, ...others], answers);
  return { answers, settled, told: toAnswer(answers[0] as Answered<Verdict>, own) };
}

/** What their machine remembers of renewals that were made for orchestrators by one of its processes. */
async function keepInMind(
  { holdings }: Coordination,
  requests: readonly Request[],
  answers: readonly Answered<Verdict>[],
): Promise<void> {
  for (const [index, { answer, tip, written }] of answers.entries()) {
    const who = requests[index]?.actor.id ?? "";
    // A loss is told by whoever has lost: another process's renewal must not swallow it.
    if (answer.kind !== "granted" || !written) continue;
    await holdings.save(who, afterGrant(await holdings.load(who), answer.grant, heldBy(tip.board, who)));
  }
}

/** How many renewals travel with a push that somebody waits for: each is a commit more to be decided and written. */
const MOST_RIDERS = 16;

/**
 * The renewals that travel with whatever an orchestrator asks for: of those whose processes on this machine are alive and who
 * would soon make a push of their own. Nobody waits for company: nothing is pushed for them alone.
 */
export function ridersOf(coordination: Coordination, { id }: Actor): Riders {
  const { ledger } = coordination;
  let requests: readonly Request[] = [];
  return {
    proposals: async () => {
      const others = await companions(coordination, id);
      const tip = others.length === 0 ? null : await localTip(coordination);
      if (tip === null) return [];
      const wall = ledger.clock.wall();
      const now = { at: Math.max(wall, tip.at), clock: wall };
      const due = others.filter((other) => hasAged(tip.board, other.id, now, ripe)).slice(0, MOST_RIDERS);
      requests = due.map((other) => renewal(coordination, other));
      return requests.map((request) => renewalIfAged(request, ripe));
    },
    onAnswers: (answers) => keepInMind(coordination, requests, answers),
  };
}
