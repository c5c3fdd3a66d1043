import type { Board } from "../domain/board.ts";
import { findOrchestrator, holdEnds, leaseExpiry, sessionExpiry } from "../domain/expiry.ts";
import type { Duration } from "../domain/instant.ts";
import type { Actor, Renew, Request } from "../domain/request.ts";
import { leasesOf } from "../domain/session.ts";
import { readSettings } from "../domain/settings.ts";
import type { Context, Verdict } from "../domain/verdict.ts";
import { type Answer, heldBy, toAnswer } from "../ledger/batch.ts";
import type { Answered } from "../ledger/chain.ts";
import { exclusively } from "../ledger/group.ts";
import { type Proposal, propose } from "../ledger/proposal.ts";
import type { Tip } from "../ledger/tip.ts";
import { type Transaction, transact } from "../ledger/transact.ts";
import type { Coordination } from "./coordination.ts";
import { afterGrant } from "./holdings.ts";

/** The shortest time for which something of an orchestrator was last granted; null when nothing can be renewed. */
export function shortestTime(board: Board, id: string): Duration | null {
  const settings = readSettings(board);
  const row = findOrchestrator(board, id);
  const seen = row?.lastSeen ?? null;
  if (!row || seen === null) return null;
  const ends = leasesOf(board, id)
    // What ends with the longest hold cannot be renewed.
    .filter((lease) => lease.expires !== null && leaseExpiry(board, lease) !== holdEnds(lease, settings))
    .map((lease) => lease.expires ?? 0);
  return Math.min(...[...ends, sessionExpiry(row, settings) ?? 0].map((end) => Math.max(0, end - seen)));
}

/**
 * What has been renewed less than this long ago needs no other renewal yet: milliseconds. As nothing falls due
 * before a minute and a half, whoever is left out of one push is due more than a minute after it.
 */
const RECENT: Duration = 20_000;

/**
 * Whether enough time has gone since an orchestrator was last seen for a renewal that travels with others. A
 * clock that is behind the ledger's time cannot tell: then it is renewed in any case.
 */
function hasAged(board: Board, id: string, { at, clock }: Context): boolean {
  const time = shortestTime(board, id);
  const seen = findOrchestrator(board, id)?.lastSeen ?? at;
  return time !== null && (clock < seen || at - seen >= Math.min(RECENT, time / 4));
}

/** A renewal that comes to nothing where another process has just made it: so two that start together make one push. */
function renewalIfAged(request: Request): Proposal<Verdict> {
  const proposal = propose(request);
  return {
    opId: proposal.opId,
    async decide(tip, context, readText) {
      if (hasAged(tip.board, request.actor.id, context)) return proposal.decide(tip, context, readText);
      const grant = { op: "renew", leases: [], expires: null } as const;
      return { kind: "stop", answer: { kind: "unchanged", grant } };
    },
  };
}

/** The orchestrators whose processes on this machine want to be kept alive, other than this one. */
async function companions({ ledger, pulses, sessions, host }: Coordination, id: string): Promise<readonly Actor[]> {
  const [now, boot] = [ledger.clock.monotonic(), ledger.clock.bootId()];
  const alive = (await pulses.list()).filter((pulse) => pulse.bootId === boot && pulse.until >= now);
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
): Promise<Transaction<Verdict> & { readonly told: Answer; readonly end: Tip }> {
  const own = renewal(coordination, actor, wish ?? {});
  const others = (await companions(coordination, actor.id)).map((other) => renewal(coordination, other));
  const proposals = [wish === null ? renewalIfAged(own) : propose(own), ...others.map(renewalIfAged)];
  const { holdings, ledger, signal } = coordination;
  const transaction = await exclusively(ledger, () => transact(ledger, proposals, signal), signal);
  for (const [index, { answer, tip, written }] of transaction.answers.entries()) {
    const who = index === 0 ? actor.id : (others[index - 1]?.actor.id ?? "");
    // A loss is told by whoever has lost: another process's renewal must not swallow it.
    if (answer.kind !== "granted" || !written) continue;
    await holdings.save(who, afterGrant(await holdings.load(who), answer.grant, heldBy(tip.board, who)));
  }
  const [first, last] = [transaction.answers[0], transaction.answers.at(-1)] as [Answered<Verdict>, Answered<Verdict>];
  return { ...transaction, told: toAnswer(first, own), end: last.tip };
}
