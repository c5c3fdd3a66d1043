import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder, makeFolder, namesIn, readIfThere, removeFolder } from "./atomic-file.ts";
import type { CoordFolder } from "./private-repository.ts";
import { isAlive, nameOfOwner, ownerNamed, thisProcess } from "./process-owner.ts";

/**
 * Lets git write traces into files: `traces/<process>/<file>`. On standard error a trace would mix with the server's
 * words, and with what hooks of a remote on this machine read from the git commands that they run. A process has a folder,
 * for a server process that outlives it must not make its file anew; it goes with the process, and what one that was
 * killed has left goes when the next one makes its own.
 */
export class TraceFiles {
  readonly #folder: string;
  /** Files that no git is using. What a server process still writes there counts as "sent". */
  readonly #free: string[] = [];

  constructor({ path }: Pick<CoordFolder, "path">) {
    this.#folder = join(path, "traces");
  }

  /**
   * @param run gets the file's path, which is absolute, for git's variables; null when no file could be made
   * @returns what the trace holds; empty when there was no file
   */
  async during<T>(run: (file: string | null) => Promise<T>): Promise<{ readonly outcome: T; readonly trace: string }> {
    const file = this.#emptyFile();
    if (file === null) return { outcome: await run(null), trace: "" };
    try {
      const outcome = await run(file);
      return { outcome, trace: readIfThere(file) ?? "" };
    } finally {
      this.#free.push(file);
    }
  }

  #emptyFile(): string | null {
    try {
      const own = this.#ownFolder();
      const file = this.#free.pop() ?? join(own, String(process.hrtime.bigint()));
      // Somebody may have cleared the folder away.
      inFolder(own, () => writeFileSync(file, ""));
      return file;
    } catch {
      return null;
    }
  }

  #ownFolder(): string {
    const known = ownFolders.get(this.#folder);
    if (known !== undefined) return known;
    const own = join(this.#folder, nameOfOwner(thisProcess()));
    makeFolder(own);
    if (ownFolders.size === 0) process.once("exit", removeOwn);
    ownFolders.set(this.#folder, own);
    clearDead(this.#folder);
    return own;
  }
}

/** Of this process, by the folder in which they are. */
const ownFolders = new Map<string, string>();

function removeOwn(): void {
  for (const own of ownFolders.values()) removeFolder(own);
}

/** What cannot be cleared away is in nobody's way. */
function clearDead(folder: string): void {
  try {
    for (const name of namesIn(folder)) {
      const owner = ownerNamed(name);
      const since = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs;
      if (owner && since !== undefined && !isAlive(owner, since, Date.now())) removeFolder(join(folder, name));
    }
  } catch {}
}
