import { GitObjectStore } from "../../../src/git/object-store.ts";
import type { Commit } from "../../../src/ledger/ports.ts";
import { BOARD_FILE, BOARD_LIMIT } from "../../../src/ledger/tip.ts";
import { Chain, type Link, readLink } from "../../simulation/chain.ts";
import type { RemoteServer } from "../../support/remote-server.ts";
import type { Sandbox } from "../../support/sandbox.ts";

/** The chain on the server, for the checker of the simulation. @param known what was read before: it must still stand there */
export async function readChain(sandbox: Sandbox, { path }: RemoteServer, known: readonly Link[]): Promise<Chain> {
  const objects = new GitObjectStore(path);
  const commits: Commit[] = [];
  let next: string | undefined = await sandbox.git(path, "rev-parse", "coordination");
  while (next !== known.at(-1)?.oid) {
    if (next === undefined) throw new Error(`${known.at(-1)?.oid} is not in the chain any more`);
    const commit: Commit = await objects.readCommit(next);
    if (commit.parents.length > 1) throw new Error(`${next} has several parents`);
    commits.push(commit);
    next = commit.parents[0];
  }
  const links = [...known];
  for (const { oid, message } of commits.reverse()) {
    const file = await objects.readFile(oid, BOARD_FILE, BOARD_LIMIT);
    if (file.kind !== "text") throw new Error(`${oid} has no board`);
    // When it landed nobody has seen.
    links.push(readLink({ oid, message, text: file.text, landed: 0 }, links.at(-1)));
  }
  return new Chain(links);
}
