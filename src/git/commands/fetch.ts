import type { GitCommand, GitResult } from "../run.ts";

/** Brings the remote's branch into the local ref, forward only: the refspec has no `+`. */
export function fetch(remote: string, branch: string, localRef: string): GitCommand<GitResult> {
  return {
    args: [
      "fetch",
      "--no-tags",
      "--no-recurse-submodules",
      "--no-write-fetch-head",
      "--no-auto-maintenance",
      "--no-write-commit-graph",
      "--no-prune",
      "--refmap=",
      remote,
      `refs/heads/${branch}:${localRef}`,
    ],
    parse: (result) => result,
  };
}
