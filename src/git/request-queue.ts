import { type FSWatcher, mkdirSync, renameSync, rmSync, watch } from "node:fs";
import { join } from "node:path";
import type { Duration, Instant } from "../domain/instant.ts";
import type { Request } from "../domain/request.ts";
import type { Clock, Job, PendingRequest, RequestQueue, Ticket } from "../ledger/ports.ts";
import { decodeRequest, encodeRequest } from "../ledger/request-json.ts";
import { createFile, errorCode, namesIn, readIfThere, replaceFile, writeNew } from "./atomic-file.ts";
import { type BoardPlace, boardFolder } from "./board-files.ts";
import { isAlive, type ProcessOwner, thisProcess } from "./process-owner.ts";

/** The files of a job's folder. Only the first is always there. */
const JOB = "job";
const LANDED = "landed";
const REPLY = "reply";
const TURN = "turn";

interface StoredJob {
  readonly owner: ProcessOwner;
  readonly since: Instant;
  readonly requests: readonly { readonly opId: string; readonly actor: string; readonly request: string }[];
}

/**
 * A folder for each job, in `queue/<remote>/<branch>/waiting/` and, once somebody decides it, in `taken/`. A folder
 * of one's own can be watched without being woken by everybody else's replies. Nothing here survives its caller, so
 * nothing is synced to the disk.
 */
export class FolderQueue implements RequestQueue {
  readonly #waiting: string;
  readonly #taken: string;
  readonly #clock: Pick<Clock, "wall" | "sleep">;

  constructor(place: BoardPlace, clock: Pick<Clock, "wall" | "sleep">) {
    const folder = boardFolder(place, "queue");
    this.#waiting = join(folder, "waiting");
    this.#taken = join(folder, "taken");
    this.#clock = clock;
  }

  async submit(requests: readonly Request[]): Promise<Ticket> {
    const since = this.#clock.wall();
    const stored: StoredJob = {
      owner: thisProcess(),
      since,
      requests: requests.map((request) => {
        return { opId: request.opId, actor: request.actor.id, request: encodeRequest(request) };
      }),
    };
    const name = `${String(since).padStart(15, "0")}-${requests[0]?.opId}`;
    const folder = join(this.#waiting, name);
    const draft = `${this.#waiting}.${name}`;
    mkdirSync(this.#waiting, { recursive: true });
    mkdirSync(this.#taken, { recursive: true });
    mkdirSync(draft);
    writeNew(join(draft, JOB), JSON.stringify(stored), { durable: false });
    // Watched before anybody can see it: no reply is missed.
    const ticket = new FolderTicket(name, draft, folder, join(this.#taken, name), this.#clock);
    renameSync(draft, folder);
    return ticket;
  }

  async take(most: number): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    const both = [this.#taken, this.#waiting].flatMap((place) => namesIn(place).map((name) => ({ place, name })));
    for (const { place, name } of both.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      if (jobs.length === most) break;
      const stored = this.#readLive(join(place, name));
      if (stored === null || (place === this.#taken && readIfThere(join(place, name, REPLY)) !== null)) continue;
      const requests = decodeAll(stored);
      // Asked by a newer program: its caller decides it by itself when its turn comes.
      if (requests === null) continue;
      const folder = join(this.#taken, name);
      if (place === this.#waiting && !moved(join(place, name), folder)) continue;
      jobs.push({ name, requests, landed: parseLanded(readIfThere(join(folder, LANDED))) });
    }
    return jobs;
  }

  async noteLanded(landed: readonly PendingRequest[]): Promise<void> {
    for (const name of namesIn(this.#taken)) {
      const folder = join(this.#taken, name);
      const { requests } = this.#readLive(folder) ?? { requests: [] };
      const own = landed.filter(({ opId }) => requests.some((request) => request.opId === opId));
      if (own.length > 0) replaceFile(join(folder, LANDED), JSON.stringify(own), { durable: false });
    }
  }

  async reply(job: Job, reply: unknown): Promise<void> {
    try {
      createFile(join(this.#taken, job.name, REPLY), JSON.stringify(reply), { durable: false });
    } catch (error) {
      // The caller has gone, and its folder with it.
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }

  async callNext(): Promise<void> {
    for (const name of namesIn(this.#waiting).sort()) {
      const folder = join(this.#waiting, name);
      if (this.#readLive(folder) === null) continue;
      try {
        createFile(join(folder, TURN), "", { durable: false });
        return;
      } catch (error) {
        if (errorCode(error) !== "ENOENT") throw error;
      }
    }
  }

  /** Null, and the folder is gone, when its caller is; null also while somebody else is clearing it away. */
  #readLive(folder: string): StoredJob | null {
    const text = readIfThere(join(folder, JOB));
    const stored = text === null ? null : parseJob(text);
    if (stored && isAlive(stored.owner, stored.since, this.#clock.wall())) return stored;
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
}

class FolderTicket implements Ticket {
  readonly #watcher: FSWatcher | null;
  #changes = 0;
  #wake: () => void = () => {};

  constructor(
    readonly name: string,
    draft: string,
    private readonly waiting: string,
    private readonly taken: string,
    private readonly clock: Pick<Clock, "sleep">,
  ) {
    this.#watcher = watchFolder(draft, () => {
      this.#changes += 1;
      this.#wake();
    });
  }

  async wait(duration: Duration, signal?: AbortSignal): Promise<void> {
    const enough = new AbortController();
    this.#wake = () => enough.abort();
    if (this.#changes > 0) enough.abort();
    const until = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
    await this.clock.sleep(duration, until).catch(() => {});
    this.#changes = 0;
  }

  async reply(): Promise<unknown> {
    const text = readIfThere(join(this.taken, REPLY));
    return text === null ? null : JSON.parse(text);
  }

  async withdraw(): Promise<boolean> {
    return moved(this.waiting, `${this.waiting}.withdrawn`) && clear(`${this.waiting}.withdrawn`);
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    clear(this.waiting);
    clear(this.taken);
  }
}

/** Null where the system has no more watches to give: then one looks from time to time. */
function watchFolder(folder: string, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, onChange);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

function clear(folder: string): true {
  rmSync(folder, { recursive: true, force: true });
  return true;
}

function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

function parseJob(text: string): StoredJob | null {
  try {
    const value = JSON.parse(text) as StoredJob;
    return typeof value.owner.pid === "number" && Array.isArray(value.requests) ? value : null;
  } catch {
    return null;
  }
}

function decodeAll({ requests }: StoredJob): readonly Request[] | null {
  const decoded = requests.map(({ opId, actor, request }) => decodeRequest(request, opId, actor));
  return decoded.includes(null) ? null : (decoded as Request[]);
}

function parseLanded(text: string | null): readonly PendingRequest[] {
  return text === null ? [] : (JSON.parse(text) as PendingRequest[]);
}
