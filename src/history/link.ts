import { parseBoard } from "../board/index.ts";
import type { Board, BoardProblem } from "../domain/board.ts";
import { contradictions } from "../domain/consistency.ts";
import type { Instant } from "../domain/instant.ts";
import type { Snapshot } from "../ledger/chain-reader.ts";
import { type EntryReading, readEntry } from "../ledger/entry.ts";
import type { Commit } from "../ledger/ports.ts";
import type { Position, Tip } from "../ledger/tip.ts";

/** The board of a commit as it was found: also one that cannot be used. */
export type BoardState =
  | {
      readonly ok: true;
      readonly text: string;
      readonly board: Board;
      /** What contradicts itself on it. */
      readonly problems: readonly BoardProblem[];
    }
  | { readonly ok: false; readonly problems: readonly BoardProblem[] };

/** One commit of the chain in its place, with all that is needed to judge it and the next one. */
export interface Link extends Position {
  readonly snapshot: Snapshot;
  readonly commit: Commit;
  readonly reading: EntryReading;
  readonly state: BoardState;
}

/** Who a commit says made it. */
export function actorOf({ reading, commit }: Pick<Link, "reading" | "commit">): string {
  return reading.kind === "entry" ? reading.entry.actor : commit.author.name;
}

/** The time of a commit as people mean it: a manual edit has only git's own. */
export function timeOf({ reading, commit }: Pick<Link, "reading" | "commit">): Instant {
  return reading.kind === "entry" ? reading.entry.at : commit.at;
}

/** The commit as the next one in the chain. */
export function linkAfter(parent: Link | null, snapshot: Snapshot): Link {
  const { commit } = snapshot;
  const reading = readEntry(commit.message);
  const place = positionAfter(parent, reading);
  return { snapshot, commit, reading, ...place, state: stateOf(snapshot, place.seq, parent) };
}

/** The same rule as `readPosition` of the ledger: a seq that does not grow is forged and counts as absent. */
export function positionAfter(
  parent: (Position & { readonly reading: EntryReading }) | null,
  reading: EntryReading,
): Position {
  const floor = parent?.reading.kind === "entry" ? parent.reading.entry.seq : 0;
  if (reading.kind === "entry" && reading.entry.seq > floor) return { seq: reading.entry.seq, at: reading.entry.at };
  return { seq: (parent?.seq ?? 0) + 1, at: parent?.at ?? 0 };
}

function stateOf({ board, commit }: Snapshot, seq: number, parent: Link | null): BoardState {
  if (board.kind !== "text") {
    const why = board.kind === "missing" ? "is missing" : `is no text (${board.why})`;
    return {
      ok: false,
      problems: [{ line: null, code: "no_board_file", message: `the board ${why} in ${commit.oid}` }],
    };
  }
  const { text } = board;
  // A barrier, or a change of other files only.
  if (parent?.state.ok && parent.state.text === text)
    return { ...parent.state, problems: contradictions(parent.state.board, seq) };
  const reading = parseBoard(text);
  if (!reading.ok) return { ok: false, problems: reading.problems };
  return { ok: true, text, board: reading.board, problems: contradictions(reading.board, seq) };
}

/** What requests are decided on; null when the board cannot be read. */
export function tipOf({ commit, seq, at, state }: Link): Tip | null {
  return state.ok ? { commit: commit.oid, seq, at, text: state.text, board: state.board } : null;
}
