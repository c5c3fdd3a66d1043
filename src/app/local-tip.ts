import { LedgerFailure } from "../ledger/failure.ts";
import { knownTip } from "../ledger/ledger.ts";
import type { Tip } from "../ledger/tip.ts";
import type { Coordination } from "./coordination.ts";

/** The tip that this clone knows now, without asking the remote; null while it knows none that can be read. */
export async function localTip({ ledger }: Coordination): Promise<Tip | null> {
  const { tip } = ledger.memory;
  if (tip !== null && tip.commit === (await ledger.remote.knownTip())) return tip;
  return knownTip(ledger).catch((error: unknown) => {
    if (error instanceof LedgerFailure) return null;
    throw error;
  });
}
