import { LedgerFailure } from "../ledger/failure.ts";
import { knownTip, refresh } from "../ledger/ledger.ts";
import { settle } from "../ledger/settle.ts";
import type { Tip } from "../ledger/tip.ts";
import { noticesOf } from "./ask.ts";
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
  return { tip, notices: noticesOf(coordination, tip, settled) };
}
