import { createHash, randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { SessionStore } from "../ledger/ports.ts";
import { createFile, readIfThere } from "./atomic-file.ts";
import { type BoardPlace, boardFolder, idFileName } from "./board-files.ts";

const NONCE = /^[0-9a-f]{64}$/;

/** One file with a secret for each orchestrator: `sessions/<remote>/<branch>/<id>`, readable by its owner only. */
export class FileSessionStore implements SessionStore {
  readonly #folder: string;

  constructor(place: BoardPlace) {
    this.#folder = boardFolder(place, "sessions");
  }

  async get(id: string): Promise<string | null> {
    const nonce = await this.#read(id);
    return nonce === null ? null : sessionHash(nonce);
  }

  async obtain(id: string): Promise<string> {
    for (;;) {
      const hash = (await this.get(id)) ?? (await this.create(id));
      if (hash !== null) return hash;
    }
  }

  async create(id: string): Promise<string | null> {
    const nonce = randomBytes(32).toString("hex");
    for (;;) {
      if (createFile(this.#path(id), `${nonce}\n`, { mode: 0o600 })) return sessionHash(nonce);
      if ((await this.#read(id)) !== null) return null;
      // A file that is no nonce proves nothing, and would be in the way for ever.
      await this.forget(id);
    }
  }

  async forget(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  #path(id: string): string {
    return join(this.#folder, idFileName(id));
  }

  async #read(id: string): Promise<string | null> {
    const nonce = readIfThere(this.#path(id))?.trim() ?? "";
    return NONCE.test(nonce) ? nonce : null;
  }
}

/** What the board shows of a nonce: the first 12 hexadecimal digits of its SHA-256. */
export function sessionHash(nonce: string): string {
  return createHash("sha256").update(nonce).digest("hex").slice(0, 12);
}
