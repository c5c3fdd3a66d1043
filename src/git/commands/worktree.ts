import type { GitCommand, GitResult } from "../run.ts";

/** A worktree on a branch: a new one that starts at HEAD, or one that is there. */
export function addWorktree(path: string, branch: string, isNew: boolean): GitCommand<GitResult> {
  const which = isNew ? ["-b", branch, "--", path] : ["--", path, branch];
  return { args: ["worktree", "add", "--quiet", ...which], parse: (result) => result };
}

/** Whether there is a local branch of that name. */
export function hasBranch(branch: string): GitCommand<boolean> {
  return {
    args: ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`],
    parse: ({ exitCode }) => exitCode === 0,
  };
}
