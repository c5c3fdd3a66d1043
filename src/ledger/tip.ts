import { parseBoard } from "../board/index.ts";
import type { Board, BoardProblem } from "../domain/board.ts";
import { contradictions } from "../domain/consistency.ts";
import type { Instant } from "../domain/instant.ts";
import { type EntryReading, readEntry } from "./entry.ts";
import { LedgerFailure } from "./failure.ts";
import type { Commit, FileReading, ObjectStore, Oid } from "./ports.ts";

export const BOARD_FILE = "master_coordination.md";
/** Bytes. 10,000 tasks and 1,000 leases are about 1.5 MiB. */
export const BOARD_LIMIT = 16 * 1024 * 1024;

/** A commit of the chain with its board: what requests are decided on. */
export interface Tip {
  readonly commit: Oid;
  readonly seq: number;
  /** The ledger's time: the `Coord-At` of the last commit that has one. 0 before there is any. */
  readonly at: Instant;
  readonly text: string;
  readonly board: Board;
}

/**
 * Reads a commit of the chain.
 * @throws LedgerFailure `bad_board` when its board cannot be read or contradicts itself.
 */
export async function readTip(objects: ObjectStore, commit: Oid): Promise<Tip> {
  const { seq, at } = await readPosition(objects, commit);
  return readBoardAt({ commit, seq, at }, boardText(commit, await objects.readFile(commit, BOARD_FILE, BOARD_LIMIT)));
}

/** The tip that a commit with this board is. Throws as {@link readTip}: what nobody could read is not published. */
export function readBoardAt({ commit, seq, at }: Position & { readonly commit: Oid }, text: string): Tip {
  const reading = parseBoard(text);
  if (!reading.ok) throw badBoard(commit, reading.problems);
  const problems = contradictions(reading.board, seq);
  if (problems.length > 0) throw badBoard(commit, problems);
  return { commit, seq, at, text, board: reading.board };
}

function badBoard(commit: Oid, problems: readonly BoardProblem[]): LedgerFailure {
  return new LedgerFailure({ code: "bad_board", commit, problems });
}

function boardText(commit: Oid, file: FileReading): string {
  if (file.kind === "text") return file.text;
  const what = file.kind === "missing" ? "is missing" : UNUSABLE[file.why];
  const message = `${BOARD_FILE} ${what} in commit ${commit}`;
  throw badBoard(commit, [{ line: null, code: "no_board_file", message }]);
}

const UNUSABLE = {
  folder: "is a folder, not a file",
  link: "is a symbolic link, not a file",
  submodule: "is a submodule, not a file",
  not_utf8: "is not UTF-8 text",
  too_large: `is larger than ${BOARD_LIMIT} bytes`,
} as const;

export interface Position {
  readonly seq: number;
  readonly at: Instant;
}

/**
 * Where a commit stands in the chain. A manual edit has no trailers: it stands one after its parent, at its
 * parent's time. A `Coord-Seq` that does not grow is forged and counts as absent, so that fences still grow
 * (I4). Follows first parents only.
 */
export async function readPosition(objects: ObjectStore, oid: Oid): Promise<Position> {
  let manual = 0;
  let commit = await objects.readCommit(oid);
  let entry = readEntry(commit.message);
  for (;;) {
    const parent = await parentOf(objects, commit);
    const parentEntry: EntryReading = parent ? readEntry(parent.message) : { kind: "manual" };
    const floor = parentEntry.kind === "entry" ? parentEntry.entry.seq : 0;
    if (entry.kind === "entry" && entry.entry.seq > floor) {
      return { seq: entry.entry.seq + manual, at: entry.entry.at };
    }
    manual += 1;
    if (!parent) return { seq: manual, at: 0 };
    commit = parent;
    entry = parentEntry;
  }
}

async function parentOf(objects: ObjectStore, commit: Commit): Promise<Commit | null> {
  const parent = commit.parents[0];
  return parent === undefined ? null : objects.readCommit(parent);
}
