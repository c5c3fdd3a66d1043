import { renameSync } from "node:fs";
import { join } from "node:path";
import type { Clock, KeptObject, Pending, PendingEntry, PendingRequest, PendingStore } from "../ledger/ports.ts";
import { errorCode, isTemporary, makeFolder, namesIn, readIfThere, removeFile, replaceFile } from "./atomic-file.ts";
import { type BoardPlace, boardFolder } from "./board-files.ts";
import { isAlive, type ProcessOwner, thisProcess } from "./process-owner.ts";

interface StoredPending extends Pending {
  /** Null: nobody sees to it any more. */
  readonly owner: ProcessOwner | null;
  readonly objects: readonly KeptObject[];
}

/** Makes objects durable, also those that a crash of the machine has destroyed. */
type Secure = (kept: readonly KeptObject[], hasCrashed: boolean) => Promise<void>;

/** How many finished records are kept before their objects are synced, all at once. */
const UNSYNCED = 64;

/**
 * One file for each push in flight: `queue/<remote>/<branch>/<commit>.json`. A record that is done with goes to
 * `unsynced/<boot>~<commit>` for as long as a crash of the machine might destroy its objects: syncing three files for
 * each claim would cost more than all the rest of it, and the record has their bytes.
 */
export class FilePendingStore implements PendingStore {
  readonly #folder: string;
  readonly #unsynced: string;
  readonly #clock: Pick<Clock, "wall" | "bootId">;
  readonly #secure: Secure;

  constructor(place: BoardPlace, clock: Pick<Clock, "wall" | "bootId">, secure: Secure) {
    this.#folder = boardFolder(place, "queue");
    this.#unsynced = join(this.#folder, "unsynced");
    this.#clock = clock;
    this.#secure = secure;
  }

  async put({ base, commit, startedAt, requests }: Pending, objects: readonly KeptObject[]): Promise<void> {
    this.#write({ base, commit, startedAt, requests, owner: thisProcess(), objects });
    // Records are written under the machine's lock only: what lies here half-written is of a process that was killed.
    for (const name of namesIn(this.#folder)) if (isTemporary(name)) removeFile(join(this.#folder, name));
  }

  async abandon(pending: Pending): Promise<void> {
    const record = this.#read(this.#path(pending));
    if (record) this.#write({ ...record, owner: null });
  }

  async remove(pending: Pending): Promise<void> {
    const done = join(this.#unsynced, `${this.#clock.bootId()}~${pending.commit}`);
    try {
      renameSync(this.#path(pending), done);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      if (this.#read(this.#path(pending)) === null) return;
      makeFolder(this.#unsynced);
      renameSync(this.#path(pending), done);
    }
    const names = namesIn(this.#unsynced);
    if (names.length > UNSYNCED) await this.#secureAll(names, false);
  }

  async list(): Promise<readonly PendingEntry[]> {
    await this.#afterCrash();
    const entries: PendingEntry[] = [];
    for (const { record } of this.#scan()) {
      if (record === null) continue;
      const { owner, objects, ...pending } = record;
      const abandoned = owner === null || !isAlive(owner, pending.startedAt, this.#clock.wall());
      entries.push({ ...pending, abandoned });
    }
    return entries.sort((one, other) => one.startedAt - other.startedAt);
  }

  /** Paths of files in the queue that are no records: for `doctor`; nothing else looks at them. */
  async unreadable(): Promise<readonly string[]> {
    return this.#scan()
      .filter(({ record }) => record === null)
      .map(({ path }) => path);
  }

  /** The machine has started anew since: what was not synced may be gone. */
  async #afterCrash(): Promise<void> {
    const boot = `${this.#clock.bootId()}~`;
    const finished = namesIn(this.#unsynced).filter((name) => !name.startsWith(boot));
    if (finished.length > 0) await this.#secureAll(finished, true);
    for (const { record } of this.#scan()) {
      if (record?.owner && record.owner.boot !== this.#clock.bootId()) await this.#secure(record.objects, true);
    }
  }

  async #secureAll(names: readonly string[], hasCrashed: boolean): Promise<void> {
    const paths = names.map((name) => join(this.#unsynced, name));
    const kept = paths.flatMap((path) => this.#read(path)?.objects ?? []);
    await this.#secure(kept, hasCrashed);
    for (const path of paths) removeFile(path);
  }

  #path({ commit }: Pick<Pending, "commit">): string {
    if (!isOid(commit)) throw new Error(`not a commit: ${JSON.stringify(commit)}`);
    return join(this.#folder, `${commit}.json`);
  }

  #write(stored: StoredPending): void {
    replaceFile(this.#path(stored), `${JSON.stringify(stored)}\n`);
  }

  #read(path: string): StoredPending | null {
    const text = readIfThere(path);
    return text === null ? null : parseStored(text);
  }

  #scan(): { path: string; record: StoredPending | null }[] {
    const paths = namesIn(this.#folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(this.#folder, name));
    return paths.flatMap((path) => {
      const text = readIfThere(path);
      // Gone meanwhile: its process has settled it.
      return text === null ? [] : [{ path, record: parseStored(text) }];
    });
  }
}

const isOid = (value: unknown) => typeof value === "string" && /^[0-9a-f]{40}$/.test(value);

function parseStored(text: string): StoredPending | null {
  try {
    const value = JSON.parse(text) as StoredPending;
    const { base, commit, startedAt, requests, owner, objects } = value;
    const sound =
      isOid(commit) &&
      (base === null || isOid(base)) &&
      typeof startedAt === "number" &&
      Array.isArray(requests) &&
      requests.every(isRequest) &&
      (owner === null || isOwner(owner)) &&
      Array.isArray(objects) &&
      objects.every((object) => typeof object === "string");
    return sound ? value : null;
  } catch {
    return null;
  }
}

const isRequest = ({ opId, subject, commit }: PendingRequest): boolean =>
  typeof opId === "string" && typeof subject === "string" && isOid(commit);

const isOwner = ({ host, boot, pid }: ProcessOwner): boolean =>
  typeof host === "string" && typeof boot === "string" && typeof pid === "number";
