import type { BoardProblem } from "../domain/board.ts";

/**
 * A caller's mistake, not a board's: `unreadable_board` when formatBoard is given a text that parseBoard
 * refuses (`problems` says why), `unwritable_text` when a value cannot stand in a text file at all.
 */
export class CodecError extends Error {
  readonly code: "unreadable_board" | "unwritable_text";
  readonly problems: readonly BoardProblem[];

  constructor(code: CodecError["code"], message: string, problems: readonly BoardProblem[]) {
    super(message);
    this.name = "CodecError";
    this.code = code;
    this.problems = problems;
  }
}
