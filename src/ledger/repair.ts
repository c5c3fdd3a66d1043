import { HOUSEKEEPER } from "./barrier.ts";
import { FAR_AHEAD, writeDraft } from "./chain.ts";
import { LedgerFailure } from "./failure.ts";
import { type Ledger, refresh, remember } from "./ledger.ts";
import type { Oid } from "./ports.ts";
import { publish } from "./publish.ts";
import { settle } from "./settle.ts";
import { BOARD_FILE, readPosition, readTip, type Tip } from "./tip.ts";

export type Repair =
  /** The board can be read: nothing was done. */
  | { readonly kind: "healthy"; readonly tip: Tip }
  /** A new commit restored the board of `from`; the damaged commit stays in the history. */
  | { readonly kind: "restored"; readonly tip: Tip; readonly from: Oid }
  /** The board needs a newer program: restoring an older one would destroy what this one cannot read (I12). */
  | { readonly kind: "too_new"; readonly commit: Oid }
  /** Nothing readable was found in the whole history. */
  | { readonly kind: "hopeless" };

/**
 * Lands a new commit on a damaged tip that restores the last good board (DESIGN 5). The damage stays in the
 * history, where its author and text can be looked up.
 */
export async function repair(ledger: Ledger, signal?: AbortSignal): Promise<Repair> {
  await settle(ledger, "write");
  for (;;) {
    const broken = await examine(ledger, signal);
    if (broken.kind !== "broken") return broken;
    const good = await lastGood(ledger, broken.commit);
    if (!good) return { kind: "hopeless" };
    const opId = ledger.random.opId();
    const { seq } = await readPosition(ledger.objects, broken.commit);
    const subject = `repair: board as of ${good.commit.slice(0, 12)}`;
    const draft = {
      files: new Map([[BOARD_FILE, good.text]]),
      subject,
      body: "",
      author: ledger.committer,
      entry: { op: "repair", actor: HOUSEKEEPER, resources: [], evidence: [], request: null } as const,
      request: null,
    };
    // The one commit whose time may go back: a tip far ahead of every clock would otherwise stay so.
    const at = ledger.clock.wall();
    const commit = await writeDraft(ledger, broken.commit, draft, opId, { at, seq: seq + 1 });
    const pending = { base: broken.commit, commit, startedAt: at, requests: [{ opId, subject, commit }] };
    const result = await publish(ledger, { pending, signal });
    if (result === "lost") continue;
    // It has landed: nothing that fails from here on may make it look as if it had not.
    const tip = await readTip(ledger.objects, commit);
    await remember(ledger, tip);
    return { kind: "restored", tip, from: good.commit };
  }
}

type Examined =
  | Extract<Repair, { readonly kind: "healthy" | "too_new" }>
  | { readonly kind: "broken"; readonly commit: Oid };

async function examine(ledger: Ledger, signal?: AbortSignal): Promise<Examined> {
  try {
    const tip = await refresh(ledger, signal);
    const objection = (await ledger.acceptTip?.(tip)) ?? null;
    const isFarAhead = tip.at - ledger.clock.wall() > FAR_AHEAD;
    return objection || isFarAhead ? { kind: "broken", commit: tip.commit } : { kind: "healthy", tip };
  } catch (error) {
    if (!(error instanceof LedgerFailure) || error.data.code !== "bad_board") throw error;
    const { commit, problems } = error.data;
    const isTooNew = problems.some(({ code }) => code === "format_too_new");
    return { kind: isTooNew ? "too_new" : "broken", commit };
  }
}

async function lastGood(ledger: Ledger, from: Oid): Promise<Tip | null> {
  let oid: Oid | undefined = from;
  while (oid !== undefined) {
    try {
      const tip = await readTip(ledger.objects, oid);
      const objection = (await ledger.acceptTip?.(tip)) ?? null;
      if (!objection) return tip;
    } catch (error) {
      if (!(error instanceof LedgerFailure)) throw error;
    }
    oid = (await ledger.objects.readCommit(oid)).parents[0];
  }
  return null;
}
