import { lstat, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readIfThere } from "./atomic-file.ts";
import { listConfig } from "./commands/list-config.ts";
import { Config } from "./config.ts";
import { discoverRepository, type Repository } from "./discover.ts";
import type { Git } from "./run.ts";

/**
 * The repository of a hook. Git has started it at the root of the work tree, where `.git` tells the rest: that saves
 * a process, and everybody waits for a hook. Anything unusual is left to git.
 */
export async function hookRepository(git: Git, cwd: string, env: Readonly<NodeJS.ProcessEnv>): Promise<Repository> {
  const place = env.GIT_DIR === undefined && env.GIT_WORK_TREE === undefined ? await gitDirOf(cwd) : null;
  if (place === null) return discoverRepository(git, cwd);
  const [common, entries] = await Promise.all([readIfThere(join(place, "commondir")), git.run(listConfig(), { cwd })]);
  const commonDir = common === null ? place : resolve(place, common.trim());
  const config = new Config(entries);
  if (entries.length === 0 || config.get("core.worktree") !== null) return discoverRepository(git, cwd);
  const objectFormat = config.get("extensions.objectFormat") ?? "sha1";
  return { toplevel: cwd, gitDir: place, commonDir, isBare: false, objectFormat, config };
}

/** `.git` is a folder, or in a linked worktree or submodule a file that names one. */
async function gitDirOf(cwd: string): Promise<string | null> {
  const path = join(cwd, ".git");
  const found = await lstat(path).catch(() => null);
  if (found?.isDirectory()) return path;
  if (!found?.isFile()) return null;
  const match = /^gitdir: (.+)$/m.exec(await readFile(path, "utf8"));
  return match?.[1] === undefined ? null : resolve(cwd, match[1].trim());
}
