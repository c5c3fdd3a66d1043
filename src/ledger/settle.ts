import { LedgerFailure } from "./failure.ts";
import type { Ledger } from "./ledger.ts";
import type { Pending, PendingEntry } from "./ports.ts";
import { type Attempt, barrier, placeOf, publish } from "./publish.ts";

/** What became of a request whose process died, or reported it as unknown. */
export interface Settlement {
  readonly record: Pending;
  /** `open` only where settling was not allowed to write. */
  readonly outcome: "landed" | "never_landed" | "open";
}

/**
 * Settles the pushes that earlier commands left in doubt (DESIGN 6). What nobody waits for any more does not
 * land: a record that is still open is closed by a barrier on its base.
 * @param mode `look` asks the remote but writes nothing: for commands that only read.
 * @throws LedgerFailure `unreachable` when the remote cannot be asked: the records stay.
 */
export async function settle(ledger: Ledger, mode: "look" | "write"): Promise<readonly Settlement[]> {
  const left = (await ledger.pending.list()).filter((entry) => isAbandoned(ledger, entry));
  const settlements: Settlement[] = [];
  for (const record of left) {
    const outcome = await settleOne(ledger, record, mode);
    if (outcome !== "open") {
      await ledger.pending.remove(record.opId);
      ledger.memory.givenUp.delete(record.opId);
    }
    settlements.push({ record, outcome });
  }
  return settlements;
}

/** As {@link publish}; when that could not prove the outcome, settling it is this process's business, too. */
export async function publishOrRemember(ledger: Ledger, attempt: Attempt): Promise<"landed" | "lost"> {
  try {
    return await publish(ledger, attempt);
  } catch (error) {
    for (const { opId } of attempt.records) ledger.memory.givenUp.add(opId);
    throw error;
  }
}

function isAbandoned({ memory }: Ledger, entry: PendingEntry): boolean {
  return !entry.ownerAlive || memory.givenUp.has(entry.opId);
}

async function settleOne(ledger: Ledger, record: Pending, mode: "look" | "write"): Promise<Settlement["outcome"]> {
  const fetched = await ledger.remote.fetch();
  let place = await placeOf(ledger, record, fetched);
  if (place === "at_base" && mode === "write") place = await barrier(ledger, record);
  switch (place) {
    case "landed":
      return "landed";
    case "lost":
      return "never_landed";
    case "at_base":
      return "open";
    case "unreachable":
      if (mode === "look") return "open";
      throw new LedgerFailure({ code: "unreachable", words: fetched.kind === "unreachable" ? fetched.words : "" });
  }
}
