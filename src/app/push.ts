import type { Request } from "../domain/request.ts";
import { heldBy } from "../ledger/batch.ts";
import { LedgerFailure } from "../ledger/failure.ts";
import { exclusively } from "../ledger/group.ts";
import { propose } from "../ledger/proposal.ts";
import { transact } from "../ledger/transact.ts";
import { identityOf, noticesOf } from "./ask.ts";
import type { Coordination, PushedRef } from "./coordination.ts";
import { afterGrant, afterRefusal, toHoldings } from "./holdings.ts";
import { done, failed, type Outcome, usage } from "./outcome.ts";

export interface Pushing {
  /** The remote's name; null: the one of the board. */
  readonly remote: string | null;
  /** As for `git push`; none: the current branch to one of the same name. */
  readonly refspecs: readonly string[];
}

/**
 * Pushes code and a renewal of everything held in one atomic push: who lost a lock meanwhile is refused by the server's
 * compare-and-swap, and the code with it (DESIGN 8).
 * @returns refused with `lost` when something is not held any more; nothing was pushed then.
 * @throws LedgerFailure `remote_refused` when the remote refuses the code, or a hook of this repository does.
 */
export async function push(
  coordination: Coordination,
  { remote, refspecs }: Pushing,
): Promise<Outcome<{ readonly refs: readonly PushedRef[]; readonly remote: string }>> {
  const who = identityOf(coordination);
  if (!who.ok) return usage(who.problem);
  const { ledger, sessions, holdings, host, code, remoteName } = coordination;
  const name = remote ?? remoteName;
  if (!code.isBoardRemote(name)) {
    const message = `the board is on ${remoteName}, not on ${name}: one push can reach only one of them`;
    return usage({
      code: "bad_push",
      message,
      hint: `Push to ${remoteName}, or name the board's remote with --remote.`,
    });
  }
  const refs = await code.resolve(refspecs);
  if (!refs || refs.some(({ ref }) => ref === `refs/heads/${coordination.branch}`)) {
    const hint =
      "Name branches or tags of this repository: `git coord push origin main`, `git coord push origin HEAD:review`.";
    return usage({ code: "bad_push", message: "there is nothing to push by that name", hint });
  }
  const words = await code.askHook(name, refs, who.value);
  if (words !== null) throw new LedgerFailure({ code: "remote_refused", words });

  const session = await sessions.obtain(who.value);
  const expected = toHoldings(await holdings.load(who.value));
  const actor = { id: who.value, session, host };
  const request: Request = { opId: ledger.random.opId(), actor, operation: { op: "renew", ttl: null, expected } };
  const carrier = { ...ledger, remote: code.carrying(refs) };
  const { signal } = coordination;
  // By itself: nobody else's request may ride on a push that also carries code.
  const pushing = () => transact(carrier, [propose(request)], signal);
  const { answers, settled } = await exclusively(ledger, pushing, signal);
  const { answer, tip } = answers[0] as NonNullable<(typeof answers)[0]>;
  const notices = noticesOf(coordination, tip, settled);
  if (answer.kind === "refused") {
    await holdings.save(who.value, afterRefusal(await holdings.load(who.value), answer.refusal));
    return failed({ kind: "refused", refusal: answer.refusal }, tip, notices);
  }
  await holdings.save(
    who.value,
    afterGrant(await holdings.load(who.value), answer.grant, heldBy(tip.board, who.value)),
  );
  await code.noteTracking(name, refs);
  return done({ refs: refs.map(({ ref, oid }) => ({ ref, oid })), remote: name }, tip, notices);
}
