import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseBoard } from "../../src/board/index.ts";
import { GitObjectStore } from "../../src/git/object-store.ts";
import type { Board } from "../../src/index.ts";
import { BOARD_FILE, BOARD_LIMIT } from "../../src/ledger/tip.ts";
import type { RemoteServer } from "./remote-server.ts";

/** The board at the server's tip, read without a process: tests ask for it again and again. */
export async function boardSeen({ path }: Pick<RemoteServer, "path">): Promise<Board> {
  const tip = (await readFile(join(path, "refs", "heads", "coordination"), "utf8")).trim();
  const file = await new GitObjectStore(path).readFile(tip, BOARD_FILE, BOARD_LIMIT);
  const reading = parseBoard(file.kind === "text" ? file.text : "");
  if (!reading.ok) throw new Error(`the board of ${tip} cannot be read`);
  return reading.board;
}
