import { setConfig } from "./commands/set-config.ts";
import { type Repository, workingDirectory } from "./discover.ts";
import { GitFailure } from "./errors.ts";
import type { Git } from "./run.ts";

/**
 * Writes `coord.id` for this worktree only: linked worktrees are other windows with identities of their own,
 * so the setting must not stand in the configuration that they share (git-worktree, "CONFIGURATION FILE").
 * @throws GitFailure `git_failed`
 */
export async function rememberIdentity(git: Git, repository: Repository, id: string): Promise<void> {
  if (repository.config.get("extensions.worktreeConfig") !== "true") {
    await set(git, repository, "--local", "extensions.worktreeConfig", "true");
  }
  await set(git, repository, "--worktree", "coord.id", id);
}

async function set(git: Git, repository: Repository, scope: string, key: string, value: string): Promise<void> {
  const result = await git.run(setConfig(scope, key, value), { cwd: workingDirectory(repository) });
  if (result.exitCode === 0) return;
  const { exitCode, stderr } = result;
  throw new GitFailure({ code: "git_failed", command: "config", exitCode, words: stderr.trim() });
}
