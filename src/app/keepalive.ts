import { findOrchestrator } from "../domain/expiry.ts";
import type { Duration } from "../domain/instant.ts";
import type { Refusal } from "../domain/verdict.ts";
import { refresh } from "../ledger/ledger.ts";
import type { Tip } from "../ledger/tip.ts";
import { identityOf } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import { localTip } from "./local-tip.ts";
import { done, failed, type Outcome, usage } from "./outcome.ts";
import { Upkeep } from "./upkeep.ts";

/** Why nothing is kept alive any more. What is still held ends by itself. */
export interface Kept {
  readonly ended: "process_ended" | "interrupted";
}

/** How often the process is looked at. */
const LOOK: Duration = 1000;

/** Why there is nobody to be kept alive: null when the orchestrator is there, with this session. */
function absence({ board }: Tip, id: string, session: string): Refusal | null {
  const row = findOrchestrator(board, id);
  if (!row) return { kind: "session_over", id };
  const isOwn = row.session === null || row.session === session;
  return isOwn ? null : { kind: "identity_taken", orchestrator: row };
}

/** Whether there is somebody to be kept alive: refused as {@link keepalive} would be. */
export async function canKeepAlive(coordination: Coordination): Promise<Outcome<{ readonly id: string }>> {
  const who = identityOf(coordination);
  if (!who.ok) return usage(who.problem);
  const tip = await refresh(coordination.ledger, coordination.signal);
  const refusal = absence(tip, who.value, (await coordination.sessions.get(who.value)) ?? "");
  return refusal ? failed({ kind: "refused", refusal }, tip) : done({ id: who.value }, tip);
}

/**
 * Renews all that an orchestrator holds, and its session, for as long as a process lives.
 * @param isAlive whether that process runs
 * @returns refused with `session_over` or `identity_taken` when the orchestrator has left or was taken over
 */
export async function keepalive(coordination: Coordination, isAlive: () => Promise<boolean>): Promise<Outcome<Kept>> {
  const who = identityOf(coordination);
  if (!who.ok) return usage(who.problem);
  const { ledger, sessions, host, signal } = coordination;
  const actor = { id: who.value, session: await sessions.obtain(who.value), host };
  let tip = await refresh(ledger, signal);
  const upkeep = new Upkeep({ ...coordination, signal: undefined }, actor);
  try {
    for (;;) {
      const refusal = absence(tip, actor.id, actor.session);
      if (refusal) return failed({ kind: "refused", refusal }, tip);
      if (signal?.aborted) return done({ ended: "interrupted" }, tip);
      if (!(await isAlive())) return done({ ended: "process_ended" }, tip);
      await upkeep.tick(tip);
      await ledger.clock.sleep(LOOK, signal).catch(() => {});
      tip = (await localTip(coordination)) ?? tip;
    }
  } finally {
    await upkeep.stop();
  }
}
