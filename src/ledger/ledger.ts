import type { Observation } from "../domain/verdict.ts";
import { LedgerFailure, unreachable } from "./failure.ts";
import { readWatch, watch } from "./observed.ts";
import type { KeptValue, MachineLock, Oid, RequestQueue, SessionStore } from "./ports.ts";
import type { Publisher } from "./publish.ts";
import { readTip, type Tip } from "./tip.ts";

/** Refuses a tip as a base, or returns null when it may be built on (`Strict`, DESIGN 5). */
export type AcceptTip = (tip: Tip) => Promise<LedgerFailure | null>;

export interface LedgerParts extends Publisher {
  /** What this machine has watched and since when (DESIGN 8, `observed`). */
  readonly observedStore: KeptValue;
  /** How the clone fares in the races for the branch (turn.ts). Used under the machine's lock. */
  readonly turnStore: KeptValue;
  /** Which orchestrators are of this clone. */
  readonly sessions: Pick<SessionStore, "get">;
  readonly lock: MachineLock;
  readonly queue: RequestQueue;
  readonly acceptTip?: AcceptTip;
}

/** One coordination branch of one remote, with what this process remembers of it. */
export interface Ledger extends LedgerParts {
  /** What this process keeps between requests. */
  readonly memory: {
    tip: Tip | null;
    observed: readonly Observation[];
  };
}

export function openLedger(parts: LedgerParts): Ledger {
  return { ...parts, memory: { tip: null, observed: [] } };
}

/**
 * The tip seen last, without asking the remote; null before the first fetch.
 * @throws LedgerFailure `bad_board` when it cannot be read.
 */
export async function knownTip(ledger: Ledger): Promise<Tip | null> {
  const oid = await ledger.remote.knownTip();
  return oid === null ? null : loadTip(ledger, oid);
}

/**
 * Asks the remote for its tip.
 * @throws LedgerFailure `no_branch`, `unreachable`, `rewritten`, `bad_board`. A failed read is never shown as
 *   an empty board (FAILURES 13).
 */
export async function refresh(ledger: Ledger, signal?: AbortSignal): Promise<Tip> {
  const fetched = await ledger.remote.fetch(signal);
  switch (fetched.kind) {
    case "tip":
      return loadTip(ledger, fetched.tip);
    case "absent":
      throw new LedgerFailure({ code: "no_branch" });
    case "rewritten":
      throw new LedgerFailure({ code: "rewritten", known: fetched.known, remote: fetched.remote });
    case "unreachable":
      throw await unreachable(ledger.remote, fetched.words);
  }
}

async function loadTip(ledger: Ledger, oid: Oid): Promise<Tip> {
  const { memory } = ledger;
  const tip = memory.tip?.commit === oid ? memory.tip : await readTip(ledger.objects, oid);
  await remember(ledger, tip);
  return tip;
}

/** Takes note of a tip, again each time it is seen: what has stayed unchanged for long enough is evidence. */
export async function remember(ledger: Ledger, tip: Tip): Promise<void> {
  const { clock, memory, observedStore } = ledger;
  const before = readWatch(await observedStore.load());
  const seen = watch(before, tip.board, clock.bootId(), clock.monotonic());
  memory.tip = tip;
  memory.observed = seen.matured;
  if (JSON.stringify(before?.since) === JSON.stringify(seen.watch.since)) return;
  // Nobody waits for it: a watch that is lost begins anew, which errs on the long side.
  observedStore.save(seen.watch).catch(() => {});
}
