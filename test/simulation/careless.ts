/**
 * A copy of src/ledger/transact.ts with two switches, each for a shortcut that looks harmless. With both off it
 * is the real thing.
 */
import type { Verdict } from "../../src/domain/verdict.ts";
import { backoff } from "../../src/ledger/backoff.ts";
import { buildChain } from "../../src/ledger/chain.ts";
import { LedgerFailure } from "../../src/ledger/failure.ts";
import { knownTip, type Ledger, refresh, remember } from "../../src/ledger/ledger.ts";
import { placeOf, publish } from "../../src/ledger/publish.ts";
import { type Settlement, settle } from "../../src/ledger/settle.ts";
import type { transact } from "../../src/ledger/transact.ts";

interface Shortcuts {
  /** The tip seen last is good enough to refuse on. */
  readonly trustKnownTip?: boolean;
  /** A push that has not landed yet counts as one that never will: no barrier. */
  readonly settleByLooking?: boolean;
}

export function carelessTransact({
  trustKnownTip = false,
  settleByLooking = false,
}: Shortcuts): typeof transact<Verdict> {
  return async (ledger, proposals, signal) => {
    const settled = await (settleByLooking ? look(ledger) : settle(ledger, "write"));
    let pushes = 0;
    const known = await knownTip(ledger);
    let tip = known ?? (await refresh(ledger, signal));
    let fresh = trustKnownTip || known === null;
    for (const pause of backoff(ledger, { attempts: 64, first: 30, most: 3000 }, signal)) {
      let chain = await buildChain<Verdict>(ledger, tip, proposals, ledger.memory.observed);
      if (chain.pending === null && !fresh) {
        tip = await refresh(ledger, signal);
        chain = await buildChain<Verdict>(ledger, tip, proposals, ledger.memory.observed);
      }
      if (chain.pending === null) return { answers: chain.answers, pushes, settled };
      pushes += 1;
      if ((await publish(ledger, { pending: chain.pending, signal })) === "landed") {
        await remember(ledger, chain.end);
        return { answers: chain.answers, pushes, settled };
      }
      if (!(await pause())) break;
      tip = await refresh(ledger, signal);
      fresh = true;
    }
    throw new LedgerFailure({ code: "contention", attempts: pushes });
  };
}

async function look(ledger: Ledger): Promise<readonly Settlement[]> {
  const settlements: Settlement[] = [];
  for (const pending of await ledger.pending.list()) {
    if (!pending.abandoned) continue;
    const place = await placeOf(ledger, pending, await ledger.remote.fetch());
    if (place === "unreachable") throw new LedgerFailure({ code: "unreachable", words: "" });
    await ledger.pending.remove(pending);
    const outcome = place === "landed" ? "landed" : "never_landed";
    settlements.push(...pending.requests.map((record) => ({ record, outcome }) as const));
  }
  return settlements;
}
