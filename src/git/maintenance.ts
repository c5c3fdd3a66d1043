import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Duration } from "../domain/instant.ts";
import type { Remote } from "../ledger/ports.ts";
import { namesIn, overwriteFile } from "./atomic-file.ts";
import { type Objects, prune, rollUp } from "./commands/repack.ts";
import { FolderLock } from "./machine-lock.ts";
import type { CoordFolder } from "./private-repository.ts";
import type { Git } from "./run.ts";

/** More loose objects than this, or more packs, are worth a run. */
const LOOSE = 2000;
const PACKS = 50;
/** After one run was started, whatever came of it, the next is not started for so long: milliseconds. */
const REST: Duration = 10_000;
/** How often the rest of lost races is looked for: once a day. */
const PRUNED_EVERY: Duration = 24 * 3_600_000;
/**
 * How old it is when it goes: an hour, longer than any push takes. It must be much less than a day, for the age of what
 * is packed is that of its pack.
 */
const OLD: Duration = 3_600_000;

type Place = Pick<CoordFolder, "path" | "repository">;

const folderOf = ({ path }: Place): string => join(path, "maintenance");

/** The objects of one of 256 folders tell how many there are, as for `git gc --auto`. */
function isDue({ repository }: Place): boolean {
  const objects = join(repository, "objects");
  const loose = namesIn(join(objects, "17")).length * 256;
  return loose > LOOSE || namesIn(join(objects, "pack")).filter((name) => name.endsWith(".pack")).length > PACKS;
}

/** The same remote; when an exchange with it has filled the private repository, a process is started that tidies up. */
export function tidying(remote: Remote, folder: Place, environment: Readonly<Record<string, string>>): Remote {
  const consider = () => {
    if (isDue(folder) && ageOf(folder, "started") > REST) startInBackground(folder, environment);
  };
  return {
    knownTip: () => remote.knownTip(),
    restsUntil: () => remote.restsUntil(),
    fetch: async (signal) => {
      const fetched = await remote.fetch(signal);
      if (fetched.kind === "tip") consider();
      return fetched;
    },
    push: async (base, commit, signal) => {
      const outcome = await remote.push(base, commit, signal);
      if (outcome.kind === "landed") consider();
      return outcome;
    },
  };
}

/** Nobody waits for it, and nothing depends on it: whoever comes after REST tries again. */
function startInBackground(folder: Place, environment: Readonly<Record<string, string>>): void {
  try {
    note(folder, "started");
    const program = fileURLToPath(new URL("./maintain.cjs", import.meta.url));
    const options = { cwd: folder.path, env: environment, stdio: "ignore", detached: true, windowsHide: true } as const;
    spawn(process.execPath, [program], options)
      .on("error", () => {})
      .unref();
  } catch {}
}

/**
 * Packs what has come since, so that the private repository stays small: every object in few packs, each at least twice
 * as large as the next smaller one, which costs little however long the history is. Once a day, what lost races have left
 * goes when it is old, unless some push is still in doubt: its objects are on no ref.
 * @returns false when there was nothing to do, or another process of this clone is doing it
 * @throws GitFailure `git_failed`
 */
export async function maintain(git: Git, folder: Place): Promise<boolean> {
  const lock = await new FolderLock(folderOf(folder), { wall: Date.now }).tryAcquire();
  if (!lock) return false;
  try {
    if (!isDue(folder)) return false;
    const objects: Objects = { git, gitDir: folder.repository };
    const age = ageOf(folder, "pruned");
    if (age !== Number.POSITIVE_INFINITY && age > PRUNED_EVERY && !(await isInDoubt(folder))) {
      await prune(objects, OLD);
    } else {
      await rollUp(objects);
      if (age !== Number.POSITIVE_INFINITY) return true;
    }
    note(folder, "pruned");
    return true;
  } finally {
    await lock.release();
  }
}

/** Whether any board of this clone has a push in flight or in doubt: a record in `queue/<remote>/<branch>/`. */
async function isInDoubt({ path }: Place): Promise<boolean> {
  const names = await readdir(join(path, "queue"), { recursive: true }).catch(() => []);
  return names.some((name) => /^[0-9a-f]{40}\.json$/.test(basename(name)));
}

/** Milliseconds since it was noted; Infinity when it never was. */
function ageOf(folder: Place, what: "started" | "pruned"): Duration {
  const found = statSync(join(folderOf(folder), what), { throwIfNoEntry: false });
  return found ? Date.now() - found.mtimeMs : Number.POSITIVE_INFINITY;
}

function note(folder: Place, what: "started" | "pruned"): void {
  overwriteFile(join(folderOf(folder), what), "");
}
