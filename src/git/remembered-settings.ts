/**
 * What git said of its settings, kept so that a later command need not start git to hear the same again: starting a
 * process is a tenth of what a cold claim costs. Git's answer depends on nothing but the bytes of a few files, some variables
 * and the git that is asked (git-config, FILES and ENVIRONMENT): it is used again only while all of these are the
 * same, and only where git itself would accept the repository, because everything there belongs to the user (`safe.directory`).
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { readIfThere, replaceFile } from "./atomic-file.ts";
import type { ListedEntry } from "./commands/list-config.ts";
import { systemSettingsFile } from "./commands/system-settings-file.ts";
import { readBoolean } from "./config.ts";
import type { DotGit } from "./dot-git.ts";
import { REWRITES } from "./remote-folder.ts";
import type { Git } from "./run.ts";

type Environment = Readonly<Record<string, string>>;

interface Remembered {
  readonly key: string;
  /** Git's own place for the settings of the system, whether or not there is such a file; null when it is not to read it. */
  readonly system: string | null;
  readonly entries: readonly ListedEntry[];
}

/** What is remembered, and how everything stood when that was read. */
export interface Recalled {
  /** Null when git has to be asked. */
  readonly entries: readonly ListedEntry[] | null;
  readonly key: string;
  readonly system: string | null;
}

/** @returns null where nothing may be remembered */
export function recallSettings(cwd: string, place: DotGit, environment: Environment): Recalled | null {
  try {
    // Git looks for a repository on the same disk only.
    if (!isOurs(place) || statSync(cwd).dev !== statSync(place.toplevel).dev) return null;
    const known = readMemory(place);
    const system = expectedSystemFile(environment, known);
    const key = keyOf(place, environment, system);
    return key === null ? null : { entries: known?.key === key ? known.entries : null, key, system };
  } catch {
    return null;
  }
}

/**
 * Keeps what git has just said, where it is certain what that depends on.
 * @param before how everything stood before git was asked: what has changed since may or may not be in its answer
 */
export async function rememberSettings(
  git: Git,
  place: DotGit,
  entries: readonly ListedEntry[],
  before: Recalled,
): Promise<void> {
  try {
    // The folder is made by `init`, and by whatever else has something to keep.
    if (!existsSync(dirname(dirname(memoryOf(place)))) || entries.some(({ key }) => INCLUDES.test(key))) return;
    const system = await systemFile(git, place, entries);
    if (system === undefined || !areAllFrom(entries, filesRead(place, git.environment, system), place)) return;
    const kept = entries.flatMap(keepable);
    if (kept.some(isSecret)) return;
    // Without the right place of the system's settings it is not known how those stood before; the next time it is.
    const key = system === before.system ? keyOf(place, git.environment, system) : "";
    if (key !== "" && key !== before.key) return;
    const remembered: Remembered = { key, system, entries: key === "" ? [] : kept };
    replaceFile(memoryOf(place), JSON.stringify(remembered), { mode: 0o600, durable: false });
  } catch {
    // Then git is asked the next time, too. A disk that takes nothing more is a problem elsewhere.
  }
}

/** Null for none, and for what is no such file. */
function readMemory(place: DotGit): Remembered | null {
  try {
    const { key, system, entries } = JSON.parse(readFileSync(memoryOf(place), "utf8")) as Remembered;
    return typeof key === "string" && Array.isArray(entries) && (system === null || isAbsolute(system))
      ? { key, system, entries }
      : null;
  } catch {
    return null;
  }
}

/** Some systems' git has settings of its own in further files. */
function areAllFrom(entries: readonly ListedEntry[], files: readonly string[], { toplevel }: DotGit): boolean {
  return entries.every(
    ({ origin }) => origin.startsWith("file:") && files.includes(resolve(toplevel, origin.slice("file:".length))),
  );
}

/** Undefined when it cannot be told. */
async function systemFile(
  git: Git,
  { toplevel }: DotGit,
  entries: readonly ListedEntry[],
): Promise<string | null | undefined> {
  const said = entries.find(({ scope }) => scope === "system")?.origin.replace(/^file:/, "");
  if (said === undefined && readBoolean(git.environment.GIT_CONFIG_NOSYSTEM ?? "false")) return null;
  // One that is there and empty is not named by git; where it is, then only the variable tells.
  const { GIT_CONFIG_SYSTEM } = git.environment;
  const file = said ?? (await git.run(systemSettingsFile(), { cwd: toplevel })) ?? GIT_CONFIG_SYSTEM ?? null;
  return file !== null && isAbsolute(file) ? file : undefined;
}

/** Where the system's settings are as far as one can tell before git has said so. */
function expectedSystemFile(environment: Environment, known: Remembered | null): string | null {
  if (readBoolean(environment.GIT_CONFIG_NOSYSTEM ?? "false")) return null;
  return environment.GIT_CONFIG_SYSTEM ?? known?.system ?? "/etc/gitconfig";
}

/** What else would be read, git alone can say. */
const INCLUDES = /^include(if\..*)?\.path$/s;

/**
 * Of the user's and the system's settings only what is read here: others may hold secrets, which are not to lie in the
 * repository's folder. Those of the repository lie there anyway.
 */
const READ_HERE = /^(coord|core|extensions|remote|ssh|user)\./;

function keepable(entry: ListedEntry): ListedEntry[] {
  const { scope, key } = entry;
  if (scope === "local" || scope === "worktree" || READ_HERE.test(key)) return [entry];
  // Which addresses are rewritten is read (remote-folder.ts), but not to what: that often has a token in it.
  return REWRITES.test(key) ? [{ ...entry, key: key.replace(REWRITES, "url.kept-elsewhere.$1") }] : [];
}

/** Such settings are often taken away again, as by a build when it is done: then they are not to be left in another file. */
function isSecret({ key, value }: ListedEntry): boolean {
  return (
    /(extraheader|proxy|token|password|secret)$/i.test(key) || [key, value].some((text) => /:\/\/[^/]*@/.test(text))
  );
}

/** One for each worktree, which may have settings of its own. */
const memoryOf = ({ gitDir, commonDir }: DotGit): string =>
  join(commonDir, "coord", "settings", `${basename(gitDir)}.json`);

/** Git's own rule without its exceptions (`ensure_valid_ownership` in its setup.c). Never where files have no owner. */
function isOurs({ toplevel, gitDir, commonDir }: DotGit): boolean {
  const self = process.geteuid?.();
  const places = [toplevel, join(toplevel, ".git"), gitDir, commonDir].map((path) => statSync(path));
  return places.every(({ uid }) => uid === self);
}

/** Which files git reads, and which repository it finds. */
const VARIABLES = [
  "HOME",
  "XDG_CONFIG_HOME",
  "PATH",
  "SUDO_UID",
  "GIT_DIR",
  "GIT_COMMON_DIR",
  "GIT_WORK_TREE",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_SYSTEM",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];
/** Settings given in variables, often by somebody who does not want them on a disk. */
const IN_VARIABLES = ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"];

/** Null where nothing may be remembered. */
function keyOf(place: DotGit, environment: Environment, system: string | null): string | null {
  const asked = gitOnPath(environment);
  if (asked === null || IN_VARIABLES.some((name) => environment[name] !== undefined)) return null;
  const files = filesRead(place, environment, system).map((path) => [path, readIfThere(path)]);
  const variables = VARIABLES.map((name) => environment[name] ?? null);
  const all = JSON.stringify([place, process.geteuid?.(), asked, variables, files]);
  return createHash("sha256").update(all).digest("base64url");
}

/** The files that git reads, or would if they were there (git-config, FILES). */
function filesRead({ toplevel, gitDir, commonDir }: DotGit, environment: Environment, system: string | null): string[] {
  const { HOME = "", XDG_CONFIG_HOME, GIT_CONFIG_GLOBAL } = environment;
  const ofUser = [join(XDG_CONFIG_HOME || join(HOME, ".config"), "git", "config"), join(HOME, ".gitconfig")];
  const global = GIT_CONFIG_GLOBAL === undefined ? ofUser : [GIT_CONFIG_GLOBAL];
  const own = [join(commonDir, "config"), join(gitDir, "config.worktree")];
  return [...(system === null ? [] : [system]), ...global, ...own].map((path) => resolve(toplevel, path));
}

/** Another git may keep its system's settings elsewhere. */
function gitOnPath({ PATH = "" }: Environment): readonly unknown[] | null {
  for (const folder of PATH.split(delimiter)) {
    const path = join(folder, "git");
    const file = statSync(path, { throwIfNoEntry: false });
    if (file?.isFile() && (file.mode & 0o111) !== 0) return [path, file.ino, file.size, file.mtimeMs];
  }
  return null;
}
