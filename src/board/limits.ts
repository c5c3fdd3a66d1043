import type { BoardProblem } from "../domain/board.ts";
import type { Line } from "./lines.ts";

/**
 * How much text is read at all. The reference parser needs time that grows faster than its input on
 * purpose-made text, so every limit is checked before it sees anything (DESIGN 4).
 */
export const LIMITS = {
  /** UTF-16 units of a whole board. */
  text: 16 * 1024 * 1024,
  lines: 200_000,
  /** One table row. A legal row of free texts of 4096 characters, all of them escaped, stays below. */
  rowLine: 1024 * 1024,
  /** Any other line of a section that the program reads. */
  otherLine: 16 * 1024,
  cellsInRow: 256,
  cells: 500_000,
  rowsInTable: 25_000,
  /** What the reference parser may be given for one board: lines and characters, after skeleton.ts. */
  referenceLines: 400,
  referenceText: 48 * 1024,
  /** More problems than this are counted, not listed. */
  problems: 100,
} as const;

const whole = (code: string, message: string): BoardProblem => ({ line: null, code, message });

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** Null when there are no more lines than are read. Counted by whoever splits the text: counting first takes as long again. */
export function tooManyLines(lines: readonly Line[]): BoardProblem | null {
  if (lines.length <= LIMITS.lines) return null;
  return whole(
    "too_many_lines",
    `The board has more than ${LIMITS.lines} lines. Move old prose and finished tasks to other files.`,
  );
}

/** What makes a text unfit to be looked at line by line. Null when it is fit. */
export function textProblem(text: string): BoardProblem | null {
  if (text.length > LIMITS.text) {
    return whole(
      "too_large",
      `The board is larger than ${LIMITS.text / 1024 / 1024} MiB. Move old prose and finished tasks to other files.`,
    );
  }
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    const line = countLines(text.slice(0, nul));
    return {
      line,
      code: "nul_character",
      message: "The text holds a NUL character, so it is not markdown. Remove that character.",
    };
  }
  if (!text.isWellFormed()) {
    return whole("invalid_text", "The text holds half of a surrogate pair. Save the board as valid UTF-8.");
  }
  return null;
}
