/**
 * Two codecs behind one face, put in place of src/board by `vi.mock` at the top of the test files.
 * - Markdown: the real one, asked only once for the same text, since it is pure and many machines read one board.
 * - Plain: one line of JSON for each row. The real codec takes more time than all the rest of a run, and is tested
 *   in test/board; the ledger must be right with any. Nineteen runs in twenty use this one.
 * Which one is meant is seen from the text.
 */
import type * as codec from "../../src/board/index.ts";
import type { Board } from "../../src/domain/board.ts";

const PLAIN = "A plain board\n";
const PARTS = ["orchestrators", "tasks", "leases", "locks", "waiters", "settings"] as const;

/** A plain board's text: prose, then `part {row}` lines. */
export function writePlain(board: Board, previous = PLAIN): string {
  const prose = previous.split("\n").filter((line) => line !== "" && !line.endsWith("}"));
  const rows = PARTS.flatMap((part) => board[part].map((row) => `${part} ${JSON.stringify(row)}`));
  return `${[...prose, ...rows].join("\n")}\n`;
}

function readPlain(text: string): codec.BoardReading {
  const board: Record<(typeof PARTS)[number], unknown[]> = {
    orchestrators: [],
    tasks: [],
    leases: [],
    locks: [],
    waiters: [],
    settings: [],
  };
  for (const line of text.split("\n")) {
    if (!line.endsWith("}")) continue;
    const space = line.indexOf(" ");
    board[line.slice(0, space) as (typeof PARTS)[number]].push(JSON.parse(line.slice(space)));
  }
  return { ok: true, board: board as unknown as Board, warnings: [] };
}

export function quick(real: typeof codec): typeof codec {
  const read = new Map<string, codec.BoardReading>();
  const written = new Map<string, string>();
  return {
    ...real,
    parseBoard: (text) =>
      remember(read, text, () => (text.startsWith(PLAIN) ? readPlain(text) : real.parseBoard(text))),
    formatBoard: (board, text) =>
      text.startsWith(PLAIN)
        ? writePlain(board, text)
        : remember(written, `${JSON.stringify(board)}\0${text}`, () => real.formatBoard(board, text)),
  };
}

/** Enough for one run. */
const MOST = 100;

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
  const old = known.get(key);
  if (old !== undefined) return old;
  if (known.size >= MOST) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}
