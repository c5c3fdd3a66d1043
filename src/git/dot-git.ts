import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ListedEntry } from "./commands/list-config.ts";

/** A folder with a `.git` in it, by the layout of plain clones and of linked worktrees (gitrepository-layout). */
export interface DotGit {
  readonly toplevel: string;
  readonly gitDir: string;
  readonly commonDir: string;
}

/**
 * The next `.git` at or above a directory; null where what is there is not of the plain kind. Only a guess, which costs
 * no process: whether git goes by it as well, its own list of settings tells ({@link isConfirmedBy}).
 */
export function findDotGit(cwd: string): DotGit | null {
  try {
    for (let folder = realpathSync(cwd); ; folder = dirname(folder)) {
      // A bare repository, or the inside of a `.git`.
      if (existsSync(join(folder, "HEAD")) && existsSync(join(folder, "objects"))) return null;
      const place = join(folder, ".git");
      if (existsSync(place)) return readDotGit(folder, place);
      if (dirname(folder) === folder) return null;
    }
  } catch {
    return null;
  }
}

function readDotGit(toplevel: string, place: string): DotGit {
  if (existsSync(join(place, "HEAD"))) return { toplevel, gitDir: place, commonDir: place };
  const gitDir = realpathSync(resolve(toplevel, readPointer(place).replace(/^gitdir: /, "")));
  return { toplevel, gitDir, commonDir: realpathSync(resolve(gitDir, readPointer(join(gitDir, "commondir")))) };
}

const readPointer = (file: string): string => readFileSync(file, "utf8").replace(/\r?\n$/, "");

/**
 * Whether git read its settings from that very repository, which it does only where it accepts it (its owner, its
 * format), and none of them says that the work tree is elsewhere.
 */
export function isConfirmedBy({ toplevel, commonDir }: DotGit, entries: readonly ListedEntry[]): boolean {
  const own = entries.filter(({ scope }) => scope === "local" || scope === "worktree");
  const moved = own.some(({ key, value }) => key === "core.worktree" || (key === "core.bare" && value !== "false"));
  const file = join(commonDir, "config");
  return !moved && own.some(({ origin }) => resolve(toplevel, origin.replace(/^file:/, "")) === file);
}
