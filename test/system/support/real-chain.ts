import { expect } from "vitest";
import { GitObjectStore } from "../../../src/git/object-store.ts";
import type { Commit } from "../../../src/ledger/ports.ts";
import { BOARD_FILE, BOARD_LIMIT } from "../../../src/ledger/tip.ts";
import { Chain, type Link, readLink } from "../../simulation/chain.ts";
import type { RemoteServer } from "../../support/remote-server.ts";
import type { Sandbox } from "../../support/sandbox.ts";

/** The chain on the server, for the checker of the simulation. */
export async function readChain(sandbox: Sandbox, { path }: RemoteServer): Promise<Chain> {
  const objects = new GitObjectStore(path);
  const commits: Commit[] = [];
  let next: string | undefined = await sandbox.git(path, "rev-parse", "coordination");
  while (next !== undefined) {
    const commit: Commit = await objects.readCommit(next);
    expect(commit.parents.length, next).toBeLessThanOrEqual(1);
    commits.push(commit);
    next = commit.parents[0];
  }
  const links: Link[] = [];
  for (const { oid, message } of commits.reverse()) {
    const file = await objects.readFile(oid, BOARD_FILE, BOARD_LIMIT);
    // When it landed nobody has seen.
    links.push(readLink({ oid, message, text: file.kind === "text" ? file.text : "", landed: 0 }, links.at(-1)));
  }
  return new Chain(links);
}
