import type { Board } from "../domain/board.ts";
import { CodecError } from "./codec-error.ts";
import { Edits } from "./edits.ts";
import { readDocument } from "./read.ts";
import { isSame } from "./same.ts";
import { SECTIONS } from "./sections.ts";
import { wantedEntries } from "./wanted.ts";
import { writeBuildLock } from "./write-build.ts";
import { addSection, addTable } from "./write-section.ts";
import { writeTable } from "./write-table.ts";

/**
 * Writes a board into the text it came from, changing only the rows and cells that changed (DESIGN 4, I12):
 * prose, unknown sections and columns, padding, line endings and a byte order mark stay byte for byte.
 * Sections and columns that the text lacks are added when there is something to put into them. A new row
 * goes behind the row of its predecessor in the board's list; rows that are there are never reordered.
 *
 * For every legal board `b` and every text `t` that {@link parseBoard} reads:
 * - `parseBoard(formatBoard(b, t)).board` equals `b`, lists taken as sets; when `b` keeps the order of
 *   what `t` has (rows inserted, removed or changed in place), orchestrators, waiters, settings, file locks
 *   and the tasks of each state also keep theirs;
 * - `formatBoard(parseBoard(t).board, t)` is `t` itself.
 *
 * A board is legal when its ids, paths and names are what the domain's readers give back; ids, settings
 * and (resource, holder) pairs are unique; a task in progress, and no other, has one lease, spelt like its
 * id, without expiry and reason, and no `after`; leases of a declared lock spell it as declared (`build`
 * always so); queued tasks have no completion and finished ones no priority, area or `after`.
 *
 * Throws {@link CodecError} `unreadable_board` when the text is not readable, `unwritable_text` when a
 * value cannot stand in a text file. Both are mistakes of the caller.
 */
export function formatBoard(board: Board, previousText: string): string {
  const reading = readDocument(previousText);
  if (!reading.ok) {
    const [first] = reading.problems;
    throw new CodecError(
      "unreadable_board",
      `The text to write into is not a readable board: ${first?.message}`,
      reading.problems,
    );
  }
  const { document } = reading;
  if (isSame(board, document.board)) return previousText;
  const wanted = wantedEntries(board, document);
  const edits = new Edits();
  const { lines, sections, sheets } = document;
  for (const shape of SECTIONS) {
    const entries = wanted.get(shape.id) ?? [];
    const section = sections.get(shape.id);
    const sheet = sheets.get(shape.id);
    const [first] = entries;
    if (sheet) {
      if (shape.id !== "buildLock") writeTable(sheet, document.rows.get(shape.id) ?? [], entries, board, lines, edits);
      else if (first) writeBuildLock(sheet, document, first, edits);
    } else if (entries.some(({ values }) => Object.values(values).some((value) => value !== null))) {
      if (section) addTable(section, entries, lines, edits);
      else addSection(shape, entries, sections, lines, edits);
    }
  }
  return document.bom + edits.apply(lines, previousText.slice(document.bom.length));
}
