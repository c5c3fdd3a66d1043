import type { Board, BoardProblem } from "../domain/board.ts";
import { readDocument } from "./read.ts";

/** What was read. Problems stop every write; warnings are worth a look and change nothing. Lines are 1-based. */
export type BoardReading =
  | { readonly ok: true; readonly board: Board; readonly warnings: readonly BoardProblem[] }
  | { readonly ok: false; readonly problems: readonly BoardProblem[] };

/**
 * Reads `master_coordination.md` (DESIGN 4), also boards of the original system and boards edited by hand:
 * sections by heading, columns by header name, in any order; CRLF and a byte order mark are fine.
 *
 * Whatever cannot be understood is a problem with its line and how to mend it: never an exception, a hang,
 * or a row that is silently left out. A text without any known section is refused too (`not_a_board`).
 */
export function parseBoard(text: string): BoardReading {
  const reading = readDocument(text);
  return reading.ok ? { ok: true, board: reading.document.board, warnings: reading.warnings } : reading;
}
