import { join } from "node:path";
import type { KeptValue } from "../ledger/ports.ts";
import { readIfThere, replaceFile } from "./atomic-file.ts";
import { type BoardPlace, boardKey } from "./board-files.ts";

/**
 * One value for each board, all in one file of the clone. When two processes save at once one of them is lost: what
 * was watched is then watched again, which errs on the long side, and a turn is counted from a little earlier.
 */
export class FileKeptValue implements KeptValue {
  readonly #path: string;
  readonly #key: string;

  /** @param name the file's, without `.json` */
  constructor(place: BoardPlace, name: "observed" | "turns") {
    this.#path = join(place.folder.path, `${name}.json`);
    this.#key = boardKey(place);
  }

  async load(): Promise<unknown> {
    const all = await this.#readAll();
    return Object.hasOwn(all, this.#key) ? all[this.#key] : null;
  }

  async save(value: unknown): Promise<void> {
    const all = { ...(await this.#readAll()), [this.#key]: value };
    replaceFile(this.#path, `${JSON.stringify(all)}\n`, { durable: false });
  }

  async #readAll(): Promise<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(readIfThere(this.#path) ?? "{}");
      return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
    } catch {
      return {};
    }
  }
}
