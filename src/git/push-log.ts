import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Instant } from "../domain/instant.ts";
import type { Clock, PushLog } from "../ledger/ports.ts";
import { inFolder, readIfThere, replaceFile } from "./atomic-file.ts";
import type { RemotePlace } from "./rest-store.ts";

/** Bytes. More than any budget counts within its time; then the older part goes. */
const LARGE = 64 * 1024;
const KEPT = 16 * 1024;

/**
 * One line for each push that a process of this clone begins, its time in milliseconds: `pushes/<remote>`. Lines are added in
 * one write. What a process adds in the moment in which another one shortens the file may be missing: one push in
 * some thousands, and only the budget counts them.
 */
export class FilePushLog implements PushLog {
  readonly #file: string;
  readonly #clock: Pick<Clock, "wall">;

  constructor({ folder, endpoint }: RemotePlace, clock: Pick<Clock, "wall">) {
    this.#file = join(folder.path, "pushes", endpoint.key);
    this.#clock = clock;
  }

  /** Never fails: no push is to be prevented by not being counted. */
  note(): void {
    try {
      inFolder(dirname(this.#file), () => this.#add());
    } catch {}
  }

  #add(): void {
    const handle = openSync(this.#file, "a");
    try {
      writeSync(handle, `${this.#clock.wall()}\n`);
      if (fstatSync(handle).size > LARGE) this.#shorten();
    } finally {
      closeSync(handle);
    }
  }

  #shorten(): void {
    const text = (readIfThere(this.#file) ?? "").slice(-KEPT);
    replaceFile(this.#file, text.slice(text.indexOf("\n") + 1), { durable: false });
  }

  async since(time: Instant): Promise<number> {
    const now = this.#clock.wall();
    const lines = (readIfThere(this.#file) ?? "").split("\n");
    // What a clock that was fast has written is in the future, and no push of late.
    return lines.filter((line) => line !== "" && Number(line) > time && Number(line) <= now).length;
  }
}
