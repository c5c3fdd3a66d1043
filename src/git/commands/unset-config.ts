import type { GitCommand, GitResult } from "../run.ts";

/** Takes one value out of the user's configuration. @param scope `--local` or `--worktree` */
export function unsetConfig(scope: string, key: string): GitCommand<GitResult> {
  return { args: ["config", scope, "--unset", key], parse: (result) => result };
}
