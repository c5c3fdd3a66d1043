import { ask, askAs, type Granted, identityOf } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import { readIdentifier, readInput, readText } from "./input.ts";
import { type Outcome, usage } from "./outcome.ts";

export interface Joining {
  /** An id of one's own; null: the identity that is set, else a fresh `orch-<HHMM>-<4 digits>`. */
  readonly id?: string | null;
  /** Shown beside the host on the board. */
  readonly name?: string | null;
  /** Also write `coord.id` for this worktree. */
  readonly remember?: boolean;
}

/**
 * Registers an orchestrator. Joining again with a session of this machine is success.
 * @returns refused with `identity_taken` when another machine's live session has the id.
 */
export async function join(coordination: Coordination, wish: Joining = {}): Promise<Outcome<Granted<"join">>> {
  const wanted = wish.id ?? coordination.identity;
  const input = readInput(() => ({
    id: wanted === null ? null : readIdentifier("orchestrator", wanted),
    name: wish.name ? readText("name", wish.name) : null,
  }));
  if (!input.ok) return usage(input.problem);
  const { id: ownId, name } = input.value;
  const host = name === null ? coordination.host : `${coordination.host} (${name})`;
  const join = { op: "join" } as const;
  if (ownId !== null) {
    const session = await coordination.sessions.obtain(ownId);
    return remembered(coordination, wish, await askAs(coordination, { id: ownId, session, host }, join));
  }
  for (;;) {
    const id = freshId(coordination);
    const session = await coordination.sessions.create(id);
    if (session === null) continue;
    const outcome = await askAs(coordination, { id, session, host }, join);
    const collided =
      !outcome.ok && outcome.failure.kind === "refused" && outcome.failure.refusal.kind === "identity_taken";
    if (!collided) return remembered(coordination, wish, outcome);
    await coordination.sessions.forget(id);
  }
}

/** `orch-1430-7842`: the UTC time of joining and four random digits. */
function freshId({ ledger }: Coordination): string {
  const time = new Date(ledger.clock.wall()).toISOString();
  const digits = Math.floor(ledger.random.uniform() * 10_000);
  return `orch-${time.slice(11, 13)}${time.slice(14, 16)}-${String(digits).padStart(4, "0")}`;
}

async function remembered<T extends Granted<"join">>(
  { setup }: Coordination,
  { remember }: Joining,
  outcome: Outcome<T>,
): Promise<Outcome<T>> {
  if (outcome.ok && remember) await setup.rememberIdentity(outcome.value.orchestrator.id);
  return outcome;
}

/** Gives back everything and deregisters. Refused when the id belongs to another session. */
export async function leave(coordination: Coordination): Promise<Outcome<Granted<"leave">>> {
  const outcome = await ask<"leave">(coordination, { op: "leave" });
  const who = identityOf(coordination);
  if (outcome.ok && who.ok) await coordination.sessions.forget(who.value);
  return outcome;
}
