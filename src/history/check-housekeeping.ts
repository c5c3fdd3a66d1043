import { type BoardChange, boardChanges } from "../domain/changes.ts";
import { HOUSEKEEPER } from "../ledger/barrier.ts";
import { FAR_AHEAD } from "../ledger/chain.ts";
import type { Entry } from "../ledger/entry.ts";
import { BOARD_FILE } from "../ledger/tip.ts";
import { isDamaged } from "./check-form.ts";
import { strangers } from "./check-request.ts";
import type { Objection } from "./finding.ts";
import type { BoardState, Link } from "./link.ts";

const textOf = (state: BoardState): string | null => (state.ok ? state.text : null);

/** A barrier changes nothing at all. */
export function checkBarrier(parent: Link, { commit, snapshot }: Link): Objection[] {
  const changed = strangers(parent.snapshot.root, snapshot.root, new Set());
  const objections: Objection[] = [];
  if (changed.length > 0) objections.push({ code: "barrier_with_effect", message: `it changes ${changed.join(", ")}` });
  if (commit.author.name !== HOUSEKEEPER) {
    objections.push({ code: "wrong_author", message: `its author is ${commit.author.name}, not ${HOUSEKEEPER}` });
  }
  return objections;
}

/** A repair lands the last good board on a damaged one, or the same board on one that was dated far ahead. */
export function checkRepair(parent: Link, link: Link, entry: Entry, good: readonly BoardState[]): Objection[] {
  const text = textOf(link.state);
  const isNeeded = isDamaged(parent) || parent.at - entry.at > FAR_AHEAD || good.length > 1;
  const isGood = text !== null && good.some((state) => textOf(state) === text);
  const others = strangers(parent.snapshot.root, link.snapshot.root, new Set([BOARD_FILE]));
  const objections: Objection[] = [];
  if (!isNeeded) objections.push({ code: "needless_repair", message: "the board that it repairs was in order" });
  else if (!isGood) objections.push({ code: "needless_repair", message: "it does not restore the last good board" });
  if (others.length > 0) objections.push({ code: "other_files", message: `it also changes ${others.join(", ")}` });
  return objections;
}

/** What a person did by hand. */
export interface Edit {
  readonly changes: readonly BoardChange[];
  readonly objections: readonly Objection[];
}

/**
 * The effect of a manual edit. Changes of leases are worth a look by whoever reviews the history; a fence is
 * something that only a commit of the program gives.
 * @param before the last board that could be read; null before there was one
 */
export function checkEdit(before: BoardState | null, link: Link): Edit {
  const { state } = link;
  if (!before?.ok || !state.ok) return { changes: [], objections: [] };
  const changes = boardChanges(before.board, state.board);
  const leases = changes.filter(({ what }) => what === "lease");
  const objections: Objection[] = [];
  if (leases.length > 0) {
    const what = leases.map(({ change, name }) => `${name} ${change}`).join(", ");
    objections.push({ code: "manual_edit", severity: "warning", message: `leases changed by hand: ${what}`, changes });
  }
  const known = new Set(before.board.leases.map(({ fence }) => fence));
  const forged = state.board.leases.filter(({ fence }) => fence !== null && fence !== link.seq && !known.has(fence));
  for (const { resource, fence } of forged) {
    const message = `${resource.kind}:${resource.name} has fence ${fence}, which was never granted`;
    objections.push({ code: "forged_fence", message, changes });
  }
  return { changes, objections };
}

/** An edit that was landed by `git coord edit` or `apply` names its author in a trailer, too. */
export function checkEditor({ commit }: Link, { actor }: Entry): Objection[] {
  const name = actor.replace(/[<>\u0000-\u001f\u007f]/g, "").trim();
  if (name === commit.author.name) return [];
  return [{ code: "wrong_author", message: `its author is ${commit.author.name}, its actor ${actor}` }];
}
