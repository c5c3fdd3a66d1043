import { randomBytes } from "node:crypto";
import { existsSync, renameSync, rmdirSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Instant } from "../domain/instant.ts";
import type { Clock, HeldLock, MachineLock } from "../ledger/ports.ts";
import { errorCode, makeFolder, namesIn, readIfThere, removeFile, removeFolder, writeNew } from "./atomic-file.ts";
import { isAlive, nameOfOwner, ownerNamed, type ProcessOwner, thisProcess } from "./process-owner.ts";

/**
 * A folder `lock` with one file in it that names its holder. It is taken by renaming a folder of one's own onto it,
 * which the file system allows only while `lock` is missing or empty (rename(2), ENOTEMPTY), and given back by renaming
 * it away again. Each holder's file has a name of its own, so clearing away a dead one's can never hit the lock of
 * whoever was faster.
 */
export class FolderLock implements MachineLock {
  readonly #lock: string;
  readonly #clock: Pick<Clock, "wall">;

  /** @param folder where the lock stands; what else is there and not named `lock…` or `draft…` is left alone */
  constructor(folder: string, clock: Pick<Clock, "wall">) {
    this.#lock = join(folder, "lock");
    this.#clock = clock;
  }

  async tryAcquire(): Promise<HeldLock | null> {
    if (!this.#clearDead(this.#lock)) return null;
    const name = this.#ownName();
    const own = `${this.#lock}.${name}`;
    const now = new Date(this.#clock.wall());
    try {
      // For machines that cannot look at this process: they go by the time of its file.
      utimesSync(join(own, name), now, now);
      renameSync(own, this.#lock);
    } catch (error) {
      if (!TAKEN.includes(errorCode(error) ?? "")) throw error;
      // Another call of this process has it, or somebody has cleared the queue away: then it is made anew.
      if (!existsSync(own) && namesIn(this.#lock).length === 0) names.delete(this.#lock);
      return null;
    }
    // Never on somebody's empty folder by chance: the lock is held by the file in it.
    if (!existsSync(join(this.#lock, name))) return null;
    return { release: async () => renameSync(this.#lock, own) };
  }

  /** Who has it and since when, by this machine's clock; null when nobody does. */
  held(): { readonly owner: ProcessOwner; readonly since: Instant } | null {
    for (const name of namesIn(this.#lock)) {
      const file = join(this.#lock, name);
      const owner = parseOwner(readIfThere(file) ?? "");
      const since = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      if (owner && since !== undefined && isAlive(owner, since, this.#clock.wall())) return { owner, since };
    }
    return null;
  }

  holder(): number | null {
    return this.held()?.owner.pid ?? null;
  }

  /** The name of this process's folder; makes it when this process has not had the lock before. */
  #ownName(): string {
    const known = names.get(this.#lock);
    if (known !== undefined) return known;
    const siblings = dirname(this.#lock);
    for (const other of namesIn(siblings)) {
      if (other.startsWith("lock.")) this.#clearDead(join(siblings, other));
      else if (other.startsWith(DRAFT)) this.#clearDraft(join(siblings, other), other.slice(DRAFT.length));
    }
    const name = randomBytes(9).toString("hex");
    // Whole before anybody sees it: a file that is still empty would look like a dead one's.
    const draft = join(siblings, DRAFT + nameOfOwner(thisProcess()));
    try {
      makeFolder(draft);
      writeNew(join(draft, name), JSON.stringify(thisProcess()), { durable: false });
      renameSync(draft, `${this.#lock}.${name}`);
    } catch (error) {
      removeFolder(draft);
      throw error;
    }
    if (!isSeenTo) process.once("exit", removeOwn);
    isSeenTo = true;
    names.set(this.#lock, name);
    return name;
  }

  /** What a process left that ended while it made its folder, or could not write on a full disk. */
  #clearDraft(draft: string, name: string): void {
    const owner = ownerNamed(name);
    const since = statSync(draft, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && !(owner && isAlive(owner, since, this.#clock.wall()))) removeFolder(draft);
  }

  /** False when it is the folder of a live process. An empty one may be about to be filled, and is in nobody's way. */
  #clearDead(folder: string): boolean {
    for (const name of namesIn(folder)) {
      const file = join(folder, name);
      const text = readIfThere(file);
      const since = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      // Given back in this moment, and perhaps taken again in the next: only a dead one's file may be removed.
      if (text === null || since === undefined) return false;
      const owner = parseOwner(text);
      if (owner && isAlive(owner, since, this.#clock.wall())) return false;
      removeFile(file);
      removeEmpty(folder);
    }
    return true;
  }
}

/** The owner's name follows: of a draft's file there may be nothing yet. */
const DRAFT = "draft.";

/** Of this process, by the lock that it is for. */
const names = new Map<string, string>();
/** Whether their folders will be removed when this process ends. */
let isSeenTo = false;

/** Windows renames nothing onto a folder, not even onto an empty one. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!TAKEN.includes(errorCode(error) ?? "")) throw error;
  }
}

function removeOwn(): void {
  for (const [lock, name] of names) removeFolder(`${lock}.${name}`);
}

const TAKEN: readonly string[] = ["ENOENT", "ENOTEMPTY", "EEXIST", "EPERM", "EACCES"];

/** Null for what a crash of the machine left: nobody holds the lock by it. */
function parseOwner(text: string): ProcessOwner | null {
  try {
    const owner = JSON.parse(text) as ProcessOwner;
    return typeof owner.pid === "number" ? owner : null;
  } catch {
    return null;
  }
}
