import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { formatMessage } from "../src/ledger/entry.ts";

/** Puts a coordination branch of so many commits into a bare repository, as one pack: a board, and hand edits of a line. */
export async function generateBranch(gitDir: string, board: string, commits: number): Promise<void> {
  const git = spawn("git", [`--git-dir=${gitDir}`, "fast-import", "--quiet"], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  const [[code]] = await Promise.all([once(git, "close"), pipeline(Readable.from(stream(board, commits)), git.stdin)]);
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

/** What `git fast-import` reads: ledger commits that verify takes. */
function* stream(board: string, commits: number): Generator<string> {
  const begin = Date.now() - commits * 10_000;
  for (let seq = 1; seq <= commits; seq += 1) {
    const at = begin + seq * 10_000;
    const [op, subject] =
      seq === 1 ? (["init", "init: coordination board"] as const) : (["edit", "edit: a line"] as const);
    const entry = { op, opId: `op-${seq}`.padEnd(21, "-"), actor: "bench", at, seq, resources: [], evidence: [] };
    const person = `bench <bench@example.invalid> ${Math.floor(at / 1000)} +0000`;
    yield [
      `commit refs/heads/coordination\nauthor ${person}\ncommitter ${person}\n`,
      data(formatMessage(subject, "", { ...entry, request: null }, null)),
      `M 100644 inline master_coordination.md\n${data(`${board}\nChange ${seq}.\n`)}`,
    ].join("");
  }
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
