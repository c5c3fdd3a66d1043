import type { GitCommand, GitResult } from "../run.ts";
import { FETCH, KEEP_PACK } from "./fetch.ts";

/** Brings older commits of a branch whose history was cut off, and moves no ref. @param count null: all of them */
export function deepen(remote: string, branch: string, count: number | null): GitCommand<GitResult> {
  const depth = count === null ? "--unshallow" : `--deepen=${count}`;
  return { args: [...KEEP_PACK, ...FETCH, depth, remote, `refs/heads/${branch}`], parse: (result) => result };
}
