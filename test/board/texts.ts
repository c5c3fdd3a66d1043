import { readFileSync } from "node:fs";
import { type BoardReading, parseBoard } from "../../src/board/index.ts";
import type { Board } from "../../src/domain/board.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

export const TEMPLATE = read("../../templates/master_coordination.md");
/** A board as the original single-file system has it: five sections, fewer columns. */
export const ORIGINAL_BOARD = read("fixtures/original-board.txt");
/** The description of the original system, in which two of its tables stand among prose. */
export const ORIGINAL_DESCRIPTION = read("fixtures/original-description.txt");

/** The board that a text holds. */
export function boardOf(text: string): Board {
  const reading = parseBoard(text);
  if (!reading.ok) throw new Error(`unreadable: ${JSON.stringify(reading.problems)}`);
  return reading.board;
}

/** Every problem as `line code`. */
export function problemsOf(text: string): string[] {
  return shown(parseBoard(text), (reading) => (reading.ok ? [] : reading.problems));
}

export function warningsOf(text: string): string[] {
  return shown(parseBoard(text), (reading) => (reading.ok ? reading.warnings : []));
}

function shown(
  reading: BoardReading,
  list: (reading: BoardReading) => readonly { line: number | null; code: string }[],
): string[] {
  return list(reading).map(({ line, code }) => `${line ?? "-"} ${code}`);
}
