import type { Board } from "../domain/board.ts";
import type { Entry } from "./entries.ts";
import type { TableRow } from "./table.ts";

/** A row of a section's table, and what it says to the program. */
export interface TextRow {
  readonly row: TableRow;
  /** Null for rows without a meaning of their own: placeholders, and rows that say what another one says. */
  readonly entry: Entry | null;
  /** What finds a row without an entry again, to write into it instead of beside it. */
  readonly key: string | null;
  readonly about: string | null;
  /** For a row without an entry: whether it would contradict this board, and so has to go. */
  readonly contradicts: ((board: Board) => boolean) | null;
}

export const meaningful = (row: TableRow, entry: Entry): TextRow => ({
  row,
  entry,
  key: entry.key,
  about: entry.about,
  contradicts: null,
});

export const placeholder = (row: TableRow): TextRow => ({
  row,
  entry: null,
  key: null,
  about: null,
  contradicts: null,
});
