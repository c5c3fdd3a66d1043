import { GitFailure } from "../errors.ts";
import type { GitCommand } from "../run.ts";

/**
 * What a commit of this index would change against a commit (`HEAD`, or the other side of a merge): both sides of a
 * rename, deletions and submodules included.
 */
export function stagedPaths(against: string | null): GitCommand<readonly string[]> {
  return {
    args: [
      ...["diff", "--cached", "--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=none", "-z"],
      ...(against === null ? [] : [against]),
      "--",
    ],
    parse({ exitCode, stdout, stderr }) {
      if (exitCode !== 0) throw new GitFailure({ code: "git_failed", command: "diff", exitCode, words: stderr.trim() });
      return stdout.split("\0").filter(Boolean);
    },
  };
}
