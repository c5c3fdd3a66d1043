import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Scene } from "./window.ts";

const BOARD = "master_coordination.md";

/** Somebody who works on the coordination branch with plain git, in a clone of its own. */
export interface ByHand {
  /** The board at the remote's tip. */
  read(): Promise<string>;
  /** Commits this text as the board (null: without one) and pushes. */
  push(text: string | null, subject: string): Promise<void>;
}

let count = 0;

export async function worktreeOf({ sandbox, server }: Pick<Scene, "sandbox" | "server">): Promise<ByHand> {
  const path = join(sandbox.path, `by-hand-${++count}`);
  const git = (...args: string[]) => sandbox.git(path, ...args);
  await sandbox.git(sandbox.path, "clone", "--quiet", "--branch", "coordination", server.path, path);
  const read = async () => {
    await git("pull", "--quiet", "--ff-only");
    return readFile(join(path, BOARD), "utf8");
  };
  return {
    read,
    async push(text, subject) {
      await git("pull", "--quiet", "--ff-only");
      if (text === null) await rm(join(path, BOARD));
      else await writeFile(join(path, BOARD), text);
      await git("add", "--all");
      await git("commit", "--quiet", "-m", subject);
      await git("push", "--quiet", "origin", "HEAD");
    },
  };
}
