import type { Operation, Request } from "../domain/request.ts";
import type { Grant } from "../domain/verdict.ts";
import type { Answer } from "../ledger/batch.ts";
import { perform } from "../ledger/group.ts";
import type { Settlement } from "../ledger/settle.ts";
import type { Coordination } from "./coordination.ts";
import { afterGrant, afterRefusal } from "./holdings.ts";
import { readIdentifier, readInput } from "./input.ts";
import { done, failed, type Notice, type Outcome, usage } from "./outcome.ts";
import { ridersOf } from "./renewal.ts";

export type GrantOf<Op extends Grant["op"]> = Extract<Grant, { readonly op: Op }>;

/** A grant, and whether it took a commit: false when everything was already so. */
export type Granted<Op extends Grant["op"]> = GrantOf<Op> & { readonly changed: boolean };

/**
 * Asks for one operation in the name of the coordination's identity: the road that all writing use cases take.
 * @returns the grant; or a usage problem when there is no identity; or the refusal.
 * @throws LedgerFailure when the environment does not allow an answer.
 */
export async function ask<Op extends Operation["op"]>(
  coordination: Coordination,
  operation: Extract<Operation, { readonly op: Op }>,
): Promise<Outcome<Granted<Op>>> {
  const who = identityOf(coordination);
  if (!who.ok) return usage(who.problem);
  const session = await coordination.sessions.obtain(who.value);
  return askAs(coordination, { id: who.value, session, host: coordination.host }, operation);
}

export async function askAs<Op extends Operation["op"]>(
  coordination: Coordination,
  actor: Request["actor"],
  operation: Extract<Operation, { readonly op: Op }>,
): Promise<Outcome<Granted<Op>>> {
  const { ledger } = coordination;
  const request: Request = { opId: ledger.random.opId(), actor, operation };
  const { signal } = coordination;
  const { answers, settled } = await perform(ledger, [request], { signal, riders: ridersOf(coordination, actor) });
  return outcomeOf<Op>(coordination, actor, answers[0] as Answer, settled);
}

/** What the actor is told, and what its machine keeps in mind of it. */
export async function outcomeOf<Op extends Operation["op"]>(
  coordination: Coordination,
  actor: Request["actor"],
  { verdict, tip, written, held }: Answer,
  settled: readonly Settlement[],
): Promise<Outcome<Granted<Op>>> {
  const { holdings } = coordination;
  const notices = noticesOf(coordination, tip, settled);
  if (verdict.kind === "refused") {
    await holdings.save(actor.id, afterRefusal(await holdings.load(actor.id), verdict.refusal));
    return failed({ kind: "refused", refusal: verdict.refusal }, tip, notices);
  }
  await holdings.save(actor.id, afterGrant(await holdings.load(actor.id), verdict.grant, held));
  return done({ ...(verdict.grant as GrantOf<Op>), changed: written }, tip, notices);
}

export function identityOf({ identity }: Coordination) {
  if (identity !== null) return readInput(() => readIdentifier("orchestrator", identity));
  const problem = {
    code: "no_identity",
    message: "who are you? This command needs an orchestrator id",
    hint: "Run `git coord join`, then set COORD_ID to the id that it prints (or pass --as ID).",
  } as const;
  return { ok: false, problem } as const;
}

/** How far the ledger may be ahead of this machine's clock before that is worth a word: milliseconds. */
const NOTICEABLE = 30_000;

export function noticesOf(
  { ledger }: Coordination,
  tip: Answer["tip"],
  settled: readonly Settlement[],
): readonly Notice[] {
  const by = tip.at - ledger.clock.wall();
  const settlements = settled.map((settlement): Notice => ({ kind: "settled", settlement }));
  return by > NOTICEABLE ? [...settlements, { kind: "clock_behind", by }] : settlements;
}
