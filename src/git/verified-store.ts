import { createHash } from "node:crypto";
import { appendFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere, replaceFile } from "./atomic-file.ts";
import { type BoardPlace, boardKey } from "./board-files.ts";

interface OpIdPlace {
  readonly position: number;
  readonly commit: string;
}

/**
 * `verified/<remote>/<branch>/`: `checkpoint.json`, and the op ids of the chain in 256 files, so that looking one
 * up reads a 256th of them.
 */
export class FileVerifiedStore {
  readonly #folder: string;

  constructor(place: BoardPlace) {
    this.#folder = join(place.folder.path, "verified", boardKey(place));
  }

  async load(): Promise<unknown> {
    const text = await readIfThere(join(this.#folder, "checkpoint.json"));
    try {
      return text === null ? null : JSON.parse(text);
    } catch {
      return null;
    }
  }

  async save(checkpoint: object): Promise<void> {
    await replaceFile(join(this.#folder, "checkpoint.json"), `${JSON.stringify(checkpoint)}\n`, { durable: false });
  }

  async findOpId(opId: string): Promise<OpIdPlace | null> {
    const text = (await readIfThere(this.#shard(opId))) ?? "";
    const line = text.split("\n").find((each) => each.startsWith(`${encodeURIComponent(opId)} `));
    const [, position = "", commit = ""] = line?.split(" ") ?? [];
    return line === undefined ? null : { position: Number(position), commit };
  }

  async addOpIds(ids: ReadonlyMap<string, OpIdPlace>): Promise<void> {
    const lines = new Map<string, string[]>();
    for (const [opId, { position, commit }] of ids) {
      const file = this.#shard(opId);
      lines.set(file, [...(lines.get(file) ?? []), `${encodeURIComponent(opId)} ${position} ${commit}\n`]);
    }
    if (lines.size > 0) await mkdir(join(this.#folder, "op-ids"), { recursive: true });
    for (const [file, added] of lines) await appendFile(file, added.join(""));
  }

  async forget(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #shard(opId: string): string {
    return join(this.#folder, "op-ids", createHash("sha1").update(opId).digest("hex").slice(0, 2));
  }
}
