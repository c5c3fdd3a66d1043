import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Instant } from "../domain/instant.ts";
import type { Clock, HeldLock, MachineLock } from "../ledger/ports.ts";
import { errorCode, namesIn, readIfThere, removeFile, writeNew } from "./atomic-file.ts";
import { type BoardPlace, boardFolder } from "./board-files.ts";
import { isAlive, type ProcessOwner, thisProcess } from "./process-owner.ts";

interface Holder {
  readonly owner: ProcessOwner;
  readonly since: Instant;
}

/**
 * A folder `lock` with one file in it that names its holder. It is taken by renaming a folder of one's own onto it,
 * which the file system allows only while `lock` is missing or empty (rename(2), ENOTEMPTY). Each holder's file has
 * a name of its own, so clearing away a dead one's can never hit the lock of whoever was faster.
 */
export class FolderLock implements MachineLock {
  readonly #lock: string;
  readonly #clock: Pick<Clock, "wall">;

  constructor(place: BoardPlace, clock: Pick<Clock, "wall">) {
    this.#lock = join(boardFolder(place, "queue"), "lock");
    this.#clock = clock;
  }

  async tryAcquire(): Promise<HeldLock | null> {
    if (!this.#clearDead()) return null;
    const name = randomBytes(9).toString("hex");
    const folder = `${this.#lock}.${name}`;
    const holder: Holder = { owner: thisProcess(), since: this.#clock.wall() };
    mkdirSync(folder, { recursive: true });
    writeNew(join(folder, name), JSON.stringify(holder), { durable: false });
    if (!moveOnto(folder, this.#lock)) {
      rmSync(folder, { recursive: true, force: true });
      return null;
    }
    return { release: async () => this.#remove(name) };
  }

  /** False when a live process has it. */
  #clearDead(): boolean {
    for (const name of namesIn(this.#lock)) {
      const text = readIfThere(join(this.#lock, name));
      const holder = text === null ? null : parseHolder(text);
      if (holder && isAlive(holder.owner, holder.since, this.#clock.wall())) return false;
      this.#remove(name);
    }
    return true;
  }

  #remove(name: string): void {
    removeFile(join(this.#lock, name));
    try {
      // For systems that do not rename onto an empty folder.
      rmdirSync(this.#lock);
    } catch (error) {
      if (!TAKEN.includes(errorCode(error) ?? "") && errorCode(error) !== "ENOENT") throw error;
    }
  }
}

const TAKEN: readonly string[] = ["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"];

function moveOnto(folder: string, lock: string): boolean {
  try {
    renameSync(folder, lock);
    return true;
  } catch (error) {
    if (TAKEN.includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}

/** Null for what a crash of the machine left: nobody holds the lock by it. */
function parseHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Holder;
    return typeof value.owner.pid === "number" && typeof value.since === "number" ? value : null;
  } catch {
    return null;
  }
}
