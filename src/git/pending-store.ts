import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Pending, PendingEntry, PendingStore } from "../ledger/ports.ts";
import { errorCode, readIfThere, replaceFile } from "./atomic-file.ts";
import { type BoardPlace, boardFolder } from "./board-files.ts";
import { isAlive, type ProcessOwner, thisProcess } from "./process-owner.ts";

interface StoredPending extends Pending {
  readonly owner: ProcessOwner;
}

/** One file for each push in flight: `queue/<remote>/<branch>/<op id>.json`. */
export class FilePendingStore implements PendingStore {
  readonly #folder: string;
  readonly #clock: Pick<Clock, "wall">;

  constructor(place: BoardPlace, clock: Pick<Clock, "wall">) {
    this.#folder = boardFolder(place, "queue");
    this.#clock = clock;
  }

  async put(pending: Pending): Promise<void> {
    const { opId, subject, commit, base, startedAt } = pending;
    const stored: StoredPending = { opId, subject, commit, base, startedAt, owner: await thisProcess() };
    await replaceFile(this.#path(opId), `${JSON.stringify(stored)}\n`);
  }

  async remove(opId: string): Promise<void> {
    await rm(this.#path(opId), { force: true });
  }

  async list(): Promise<readonly PendingEntry[]> {
    const entries: PendingEntry[] = [];
    for (const { record } of await this.#scan()) {
      if (record === null) continue;
      const { owner, ...pending } = record;
      entries.push({ ...pending, ownerAlive: await isAlive(owner, pending.startedAt, this.#clock.wall()) });
    }
    return entries.sort((one, other) => one.startedAt - other.startedAt);
  }

  /** Paths of files in the queue that are no records: for `doctor`; nothing else looks at them. */
  async unreadable(): Promise<readonly string[]> {
    return (await this.#scan()).filter(({ record }) => record === null).map(({ path }) => path);
  }

  #path(opId: string): string {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(opId)) throw new Error(`not an op id: ${JSON.stringify(opId)}`);
    return join(this.#folder, `${opId}.json`);
  }

  async #scan(): Promise<{ path: string; record: StoredPending | null }[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (errorCode(error) === "ENOENT") return [];
      throw error;
    });
    const paths = names.filter((name) => name.endsWith(".json")).map((name) => join(this.#folder, name));
    const texts = await Promise.all(paths.map(readIfThere));
    // Gone meanwhile: its process has settled it.
    return paths.flatMap((path, index) => {
      const text = texts[index];
      return typeof text === "string" ? [{ path, record: parseStored(text) }] : [];
    });
  }
}

const isOid = (value: unknown) => typeof value === "string" && /^[0-9a-f]{40}$/.test(value);

function parseStored(text: string): StoredPending | null {
  try {
    const value = JSON.parse(text) as StoredPending;
    const { opId, subject, commit, base, startedAt, owner } = value;
    const sound =
      [opId, subject, owner.host, owner.boot].every((field) => typeof field === "string") &&
      [startedAt, owner.pid].every((field) => typeof field === "number") &&
      isOid(commit) &&
      (base === null || isOid(base));
    return sound ? value : null;
  } catch {
    return null;
  }
}
