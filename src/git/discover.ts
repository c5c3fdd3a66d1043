import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describeRepository } from "./commands/describe-repository.ts";
import { type ListedEntry, listConfig } from "./commands/list-config.ts";
import { Config } from "./config.ts";
import { type DotGit, findDotGit, isConfirmedBy } from "./dot-git.ts";
import { GitFailure } from "./errors.ts";
import { recallSettings, rememberSettings } from "./remembered-settings.ts";
import type { Git } from "./run.ts";

/** The user's repository around a directory. All paths are absolute. */
export interface Repository {
  /** Null in a bare repository, and inside the `.git` folder of any other. */
  readonly toplevel: string | null;
  /** Of this worktree. */
  readonly gitDir: string;
  /** Shared by all worktrees. */
  readonly commonDir: string;
  readonly isBare: boolean;
  /** `sha1` or `sha256`; the ledger is SHA-1 in any case. */
  readonly objectFormat: string;
  readonly config: Config;
}

/**
 * Finds the repository as git does, from the directory alone: a `GIT_DIR` in the environment is some other
 * git's business. For a plain clone or worktree one git process, or none when nothing has changed since the last command;
 * another one where git's own answer is needed.
 * @throws GitFailure `git_missing`, `no_such_directory`, `not_a_repository`, `unsafe_repository`,
 *   `unusable_repository`
 */
export async function discoverRepository(git: Git, cwd: string): Promise<Repository> {
  // What a hook's caller has said about its work tree is not to be seen from here.
  const guess = git.environment.GIT_WORK_TREE === undefined ? findDotGit(cwd) : null;
  const recalled = guess && recallSettings(cwd, guess, git.environment);
  if (guess && recalled?.entries) return plainRepository(guess, recalled.entries);
  const entries = await git.run(listConfig(), { cwd });
  if (guess && isConfirmedBy(guess, entries)) {
    if (recalled) await rememberSettings(git, guess, entries, recalled);
    return plainRepository(guess, entries);
  }
  const config = new Config(entries);
  const found = await git.run(describeRepository(), { cwd });
  if (found.ok) {
    const { gitDir, commonDir, isBare, objectFormat, toplevel } = found;
    return { gitDir, commonDir, isBare, objectFormat, toplevel, config };
  }
  const { words } = found;
  // A setting's name, not English: git names it whenever ownership is what it objects to.
  if (words.includes("safe.directory")) throw new GitFailure({ code: "unsafe_repository", directory: cwd, words });
  const code = hasRepositoryAbove(cwd) ? "unusable_repository" : "not_a_repository";
  throw new GitFailure({ code, directory: cwd, words });
}

function plainRepository(place: DotGit, entries: readonly ListedEntry[]): Repository {
  const config = new Config(entries);
  return { ...place, isBare: false, objectFormat: config.get("extensions.objectFormat") ?? "sha1", config };
}

/** Whether something claims to be a repository: then git's refusal has another reason than absence. */
function hasRepositoryAbove(directory: string): boolean {
  const here = resolve(directory);
  if (existsSync(join(here, ".git")) || (existsSync(join(here, "HEAD")) && existsSync(join(here, "objects"))))
    return true;
  return dirname(here) !== here && hasRepositoryAbove(dirname(here));
}

/** Where a git that talks to a remote must run, so that relative addresses mean what they mean to `git push`. */
export function workingDirectory({ toplevel, gitDir }: Pick<Repository, "toplevel" | "gitDir">): string {
  return toplevel ?? gitDir;
}
