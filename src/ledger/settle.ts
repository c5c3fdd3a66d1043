import { LedgerFailure, unreachable } from "./failure.ts";
import type { FetchOutcome, Pending, PendingRequest, RequestQueue } from "./ports.ts";
import { barrier, type Publisher, placeOf } from "./publish.ts";

/** What became of a request whose process died, or reported it as unknown. */
export interface Settlement {
  readonly record: PendingRequest;
  /** `open` where settling was not allowed to write, or where the branch is still to be created. */
  readonly outcome: "landed" | "never_landed" | "open";
}

/** A publisher in whose clone others may wait for what is settled. */
export interface Settler extends Publisher {
  readonly queue: Pick<RequestQueue, "noteLanded">;
}

/**
 * Settles the pushes that earlier commands left in doubt (DESIGN 6). What nobody waits for any more does not
 * land: a record that is still open is closed by a barrier on its base.
 * @param mode `look` asks the remote but writes nothing: for commands that only read.
 * @throws LedgerFailure `unreachable` or `remote_refused` when a record could not be closed: it stays, and
 *   nothing else is written before it is settled.
 */
export async function settle(settler: Settler, mode: "look" | "write"): Promise<readonly Settlement[]> {
  const { pending: records, queue } = settler;
  const left = (await records.list()).filter(({ abandoned }) => abandoned);
  const settlements: Settlement[] = [];
  for (const pending of left) {
    const outcome = await settleOne(settler, pending, mode);
    if (outcome === "landed") await queue.noteLanded(pending.requests);
    if (outcome !== "open") await records.remove(pending);
    settlements.push(...pending.requests.map((record): Settlement => ({ record, outcome })));
  }
  return settlements;
}

async function settleOne(
  publisher: Publisher,
  pending: Pending,
  mode: "look" | "write",
): Promise<Settlement["outcome"]> {
  const fetched = await publisher.remote.fetch();
  let place = await placeOf(publisher, pending, fetched);
  let words = wordsOf(fetched);
  let isRefused = false;
  if (place === "at_base" && mode === "write") {
    const closing = await barrier(publisher, pending);
    place = closing.place;
    words = closing.said && "words" in closing.said ? closing.said.words : words;
    isRefused = closing.said?.kind === "remote_rejected";
  }
  if (place === "landed") return "landed";
  if (place === "lost") return "never_landed";
  // The branch that the record was to create is still not there: creating it is what will decide.
  if (mode === "look" || (place === "at_base" && pending.base === null)) return "open";
  throw isRefused ? new LedgerFailure({ code: "remote_refused", words }) : await unreachable(publisher.remote, words);
}

const wordsOf = (fetched: FetchOutcome): string => (fetched.kind === "unreachable" ? fetched.words : "");
