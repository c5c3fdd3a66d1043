import { LedgerFailure } from "./failure.ts";
import type { Ledger } from "./ledger.ts";
import type { Pending, PendingEntry } from "./ports.ts";
import { type Attempt, barrier, placeOf, publish } from "./publish.ts";

/** What became of a request whose process died, or reported it as unknown. */
export interface Settlement {
  readonly record: Pending;
  /** `open` where settling was not allowed to write, or where the branch is still to be created. */
  readonly outcome: "landed" | "never_landed" | "open";
}

/**
 * Settles the pushes that earlier commands left in doubt (DESIGN 6). What nobody waits for any more does not
 * land: a record that is still open is closed by a barrier on its base.
 * @param mode `look` asks the remote but writes nothing: for commands that only read.
 * @throws LedgerFailure `unreachable` or `remote_refused` when a record could not be closed: it stays, and
 *   nothing else is written before it is settled.
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
  let words = fetched.kind === "unreachable" ? fetched.words : "";
  let isRefused = false;
  if (place === "at_base" && mode === "write") {
    const closing = await barrier(ledger, record);
    place = closing.place;
    words = closing.said && "words" in closing.said ? closing.said.words : words;
    isRefused = closing.said?.kind === "remote_rejected";
  }
  if (place === "landed") return "landed";
  if (place === "lost") return "never_landed";
  // The branch that the record was to create is still not there: creating it is what will decide.
  if (mode === "look" || (place === "at_base" && record.base === null)) return "open";
  throw new LedgerFailure({ code: isRefused ? "remote_refused" : "unreachable", words });
}
