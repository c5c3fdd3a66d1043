import { decide } from "../domain/decide.ts";
import type { Context, Evidence, Observation } from "../domain/verdict.ts";
import type { Entry } from "../ledger/entry.ts";
import { writeFiles } from "../ledger/proposal.ts";
import { BOARD_FILE, type Tip } from "../ledger/tip.ts";

/** What replaying one commit's request on its parent's board came to (DESIGN 1.4). */
export type Replay =
  | { readonly kind: "same" }
  /** Housekeeping has no request: a barrier must change nothing, the others are compared, not replayed. */
  | { readonly kind: "not_replayed" }
  | { readonly kind: "refused" }
  /** The request gives another board, or no change at all. */
  | { readonly kind: "different"; readonly expected: string };

/**
 * Decides the entry's request again on `parent`, with the time and the evidence that the commit names, and
 * compares the board byte for byte with `text`.
 */
export async function replay(parent: Tip, entry: Entry, text: string): Promise<Replay> {
  if (entry.op === "barrier")
    return text === parent.text ? { kind: "same" } : { kind: "different", expected: parent.text };
  if (entry.request === null) return { kind: "not_replayed" };
  const verdict = decide(parent.board, entry.request, contextOf(parent, entry));
  if (verdict.kind === "refused") return { kind: "refused" };
  if (verdict.kind === "unchanged") return { kind: "different", expected: parent.text };
  const files = await writeFiles(verdict.board, [], parent.text, async () => null);
  const expected = files.get(BOARD_FILE) ?? "";
  return expected === text ? { kind: "same" } : { kind: "different", expected };
}

/**
 * What the decision knew. Without evidence in the commit no expiry of anybody else's counted, so the clock
 * of a commit that took nothing is as good as none.
 */
export function contextOf(parent: Tip, { at, evidence }: Entry): Context {
  const byClock = evidence.filter(({ kind }) => kind === "clock").map(({ clock }) => clock);
  return {
    at,
    seq: parent.seq + 1,
    clock: byClock.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...byClock),
    observed: evidence.filter(({ kind }) => kind === "observed").map(toObservation),
  };
}

const toObservation = ({ resource, holder, fence, expires }: Evidence): Observation => ({
  resource,
  holder,
  fence,
  expires,
});
