import { realpath } from "node:fs/promises";
import { rememberIdentity } from "./clone-setup.ts";
import { addWorktree, hasBranch } from "./commands/worktree.ts";
import { discoverRepository, workingDirectory } from "./discover.ts";
import { GitFailure } from "./errors.ts";
import type { Git } from "./run.ts";
import { kindOf } from "./text-files.ts";

/**
 * A linked worktree of the repository around `workspace`, on a branch of its own, in which `id` is remembered as
 * `coord.id`. One that is there already is taken as it is, whatever branch it is on by now.
 * @returns whether it was made
 * @throws GitFailure `git_failed`, with git's words; also when something else stands at the path
 */
export async function ensureWorktree(
  git: Git,
  workspace: string,
  path: string,
  branch: string,
  id: string,
): Promise<boolean> {
  const repository = await discoverRepository(git, workspace);
  const isNew = (await kindOf(path)) === null;
  if (isNew) {
    const cwd = workingDirectory(repository);
    const add = addWorktree(path, branch, !(await git.run(hasBranch(branch), { cwd })));
    const { exitCode, stderr } = await git.run(add, { cwd });
    if (exitCode !== 0)
      throw new GitFailure({ code: "git_failed", command: "worktree add", exitCode, words: stderr.trim() });
  }
  const worktree = await discoverRepository(git, path);
  if (worktree.toplevel !== (await realpath(path)) || worktree.commonDir !== repository.commonDir) {
    const words = `${path} is there already, and is no worktree of ${workspace}`;
    throw new GitFailure({ code: "git_failed", command: "worktree", exitCode: null, words });
  }
  if (worktree.config.get("coord.id") !== id) await rememberIdentity(git, worktree, id);
  return isNew;
}
