import { closeSync, constants, type FSWatcher, openSync, renameSync, unlinkSync, watch, writeSync } from "node:fs";
import { join } from "node:path";
import type { Duration, Instant } from "../domain/instant.ts";
import type { Request } from "../domain/request.ts";
import type { Clock, Job, PendingRequest, RequestQueue, Ticket } from "../ledger/ports.ts";
import { decodeRequest, encodeRequest } from "../ledger/request-json.ts";
import { errorCode, inFolder, namesIn, readIfThere, removeFile, writeNew } from "./atomic-file.ts";
import { type BoardPlace, boardFolder } from "./board-files.ts";
import { isAlive, type ProcessOwner, thisProcess } from "./process-owner.ts";

/** How many places in a line this process has had: it may have several at once. */
let placesInLine = 0;

/** The first line of a job's file. */
interface StoredJob {
  readonly owner: ProcessOwner;
  readonly since: Instant;
  /** Null: only a place in the line, which nobody takes up. */
  readonly requests: readonly { readonly opId: string; readonly actor: string; readonly request: string }[] | null;
}

/** What is added to it later, a line each. */
type Note =
  | { readonly kind: "turn" }
  | { readonly kind: "landed"; readonly landed: readonly PendingRequest[] }
  | { readonly kind: "reply"; readonly reply: unknown };

/** A job's file as it is now. */
interface JobFile {
  readonly job: StoredJob | null;
  readonly notes: readonly Note[];
}

/**
 * One file for each job, in `queue/<remote>/<branch>/waiting/` and, once somebody decides it, in `taken/`. Whoever has
 * the lock adds lines to it, and its caller watches it: renamed or not, it is the same file. Nothing here outlives its
 * caller, so nothing is synced to the disk.
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
    const stored = requests.map((request) => {
      return { opId: request.opId, actor: request.actor.id, request: encodeRequest(request) };
    });
    return this.#write(stored, requests[0]?.opId ?? "");
  }

  async standInLine(): Promise<Ticket> {
    return this.#write(null, `${process.pid}.${++placesInLine}`);
  }

  #write(requests: StoredJob["requests"], key: string): Ticket {
    const since = this.#clock.wall();
    const stored: StoredJob = { owner: thisProcess(), since, requests };
    const name = `${String(since).padStart(15, "0")}-${key}`;
    const files = { waiting: join(this.#waiting, name), taken: join(this.#taken, name) };
    const write = () => writeNew(files.waiting, `${JSON.stringify(stored)}\n`, { durable: false });
    inFolder(this.#waiting, write, this.#taken);
    return new FileTicket(name, files, this.#clock);
  }

  async take(most: number): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    const both = [this.#taken, this.#waiting].flatMap((place) => namesIn(place).map((name) => ({ place, name })));
    for (const { place, name } of both.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      if (jobs.length === most) break;
      const path = join(place, name);
      const { job, notes } = this.#readLive(path);
      if (job === null || notes.some(({ kind }) => kind === "reply")) continue;
      const requests = decodeAll(job);
      // A place in the line, or asked by a newer program: its caller goes by itself when its turn comes.
      if (requests === null) continue;
      if (place === this.#waiting && !moved(path, join(this.#taken, name))) continue;
      jobs.push({ name, requests, landed: notes.flatMap((note) => (note.kind === "landed" ? note.landed : [])) });
    }
    return jobs;
  }

  async noteLanded(landed: readonly PendingRequest[]): Promise<void> {
    for (const name of namesIn(this.#taken)) {
      const path = join(this.#taken, name);
      const requests = this.#readLive(path).job?.requests ?? [];
      const own = landed.filter(({ opId }) => requests.some((request) => request.opId === opId));
      if (own.length > 0) addNote(path, { kind: "landed", landed: own });
    }
  }

  async reply(job: Job, reply: unknown): Promise<void> {
    addNote(join(this.#taken, job.name), { kind: "reply", reply });
  }

  async callNext(): Promise<void> {
    for (const name of namesIn(this.#waiting).sort()) {
      const path = join(this.#waiting, name);
      if (this.#readLive(path).job !== null && addNote(path, { kind: "turn" })) return;
    }
  }

  /** Without a job when it is still being written, and when its caller has gone: then its file goes, too. */
  #readLive(path: string): JobFile {
    const file = readJob(path);
    if (file.job === null || isAlive(file.job.owner, file.job.since, this.#clock.wall())) return file;
    removeFile(path);
    return { job: null, notes: [] };
  }
}

class FileTicket implements Ticket {
  readonly #watcher: FSWatcher | null;
  #changed = false;
  #wake: () => void = () => {};

  constructor(
    readonly name: string,
    private readonly places: { readonly waiting: string; readonly taken: string },
    private readonly clock: Pick<Clock, "sleep">,
  ) {
    // Its caller looks for a reply before it waits: what came before this watch is not missed.
    this.#watcher = watchFile(places.waiting, () => {
      this.#changed = true;
      this.#wake();
    });
  }

  async wait(duration: Duration, signal?: AbortSignal): Promise<void> {
    const enough = new AbortController();
    this.#wake = () => enough.abort();
    if (this.#changed) enough.abort();
    const until = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
    await this.clock.sleep(duration, until).catch(() => {});
    this.#changed = false;
  }

  async reply(): Promise<unknown> {
    for (const note of readJob(this.places.taken).notes) if (note.kind === "reply") return note.reply;
    return null;
  }

  async withdraw(): Promise<boolean> {
    const mine = `${this.places.waiting}.withdrawn`;
    if (!moved(this.places.waiting, mine)) return false;
    removeFile(mine);
    return true;
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    if (!remove(this.places.taken)) remove(this.places.waiting);
  }
}

/** Null where the system has no more watches to give: then one looks from time to time. */
function watchFile(path: string, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(path, { persistent: false }, (event) => {
      if (event === "change") onChange();
    });
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

function remove(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
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

/**
 * Adds a line in one write. It begins with a line break: behind a line that a process which died has left unfinished,
 * it stands by itself.
 * @returns false when the file has gone, with its caller
 */
function addNote(path: string, note: Note): boolean {
  try {
    // Never makes the file anew: `a` would.
    const handle = openSync(path, constants.O_WRONLY | constants.O_APPEND);
    try {
      writeSync(handle, `\n${JSON.stringify(note)}\n`);
    } finally {
      closeSync(handle);
    }
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

function readJob(path: string): JobFile {
  const [first = "", ...others] = (readIfThere(path) ?? "").split("\n");
  // What stands behind the last line break is still being written.
  if (others.pop() === undefined) return { job: null, notes: [] };
  const job = parseLine<StoredJob>(first);
  const isJob = typeof job?.owner?.pid === "number" && (job.requests === null || Array.isArray(job.requests));
  return { job: isJob ? job : null, notes: others.flatMap((line) => parseLine<Note>(line) ?? []) };
}

function parseLine<T>(line: string): T | null {
  try {
    return line === "" ? null : (JSON.parse(line) as T);
  } catch {
    return null;
  }
}

function decodeAll({ requests }: StoredJob): readonly Request[] | null {
  if (requests === null) return null;
  const decoded = requests.map(({ opId, actor, request }) => decodeRequest(request, opId, actor));
  return decoded.includes(null) ? null : (decoded as Request[]);
}
