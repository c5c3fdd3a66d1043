import { findOrchestrator } from "../domain/expiry.ts";
import { isFading, leasesOf } from "../domain/session.ts";
import { LedgerFailure } from "../ledger/failure.ts";
import { knownTip, refresh } from "../ledger/ledger.ts";
import { settle } from "../ledger/settle.ts";
import type { Tip } from "../ledger/tip.ts";
import { askAs, noticesOf } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import type { Notice } from "./outcome.ts";

/**
 * The board at the remote's tip; with `offline`, as it was seen last.
 * @throws LedgerFailure `unreachable` rather than showing an old board as if it were today's (FAILURES 13).
 */
export async function readBoard(
  coordination: Coordination,
  { offline = false } = {},
): Promise<{ readonly tip: Tip; readonly notices: readonly Notice[] }> {
  const { ledger } = coordination;
  if (offline) {
    const tip = await knownTip(ledger);
    if (!tip) throw new LedgerFailure({ code: "no_branch" });
    return { tip, notices: [] };
  }
  const settled = await settle(ledger, "look");
  const tip = await refresh(ledger, coordination.signal);
  await showLife(coordination, tip);
  return { tip, notices: noticesOf(coordination, tip, settled) };
}

/**
 * Any command that an orchestrator runs is a sign of life: one that only reads is written down when so much of
 * the session has gone that what it holds would soon be free. Reading never fails of this.
 */
async function showLife(coordination: Coordination, { board }: Tip): Promise<void> {
  const { identity, sessions, ledger } = coordination;
  const row = identity === null ? undefined : findOrchestrator(board, identity);
  if (!row || row.session === null || leasesOf(board, row.id).length === 0) return;
  if (!isFading(board, row.id, ledger.clock.wall())) return;
  const session = await sessions.get(row.id);
  if (session !== row.session) return;
  const actor = { id: row.id, session, host: row.host ?? coordination.host };
  await askAs<"join">(coordination, actor, { op: "join" }).catch((error: unknown) => {
    if (!(error instanceof LedgerFailure)) throw error;
  });
}
