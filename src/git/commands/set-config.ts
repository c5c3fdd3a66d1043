import type { GitCommand, GitResult } from "../run.ts";

/** Writes one value of the user's configuration. @param scope `--local` or `--worktree` */
export function setConfig(scope: string, key: string, value: string): GitCommand<GitResult> {
  return { args: ["config", scope, key, value], parse: (result) => result };
}
