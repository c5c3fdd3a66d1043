import { createHash, randomUUID } from "node:crypto";
import * as disk from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { inflate } from "node:zlib";
import { syncFolder } from "./atomic-file.ts";

const LOOSE_OBJECT = /objects\/([0-9a-f]{2})\/([0-9a-f]{38})$/;

/**
 * A file system for isomorphic-git that writes each object to a temporary name, syncs and renames it; left to
 * itself, isomorphic-git writes in place, and a crash leaves a torn object that nothing repairs (FAILURES 29).
 *
 * Writes run at the same time: nothing is on disk for certain before `settled` has returned.
 */
export class DurableFs {
  readonly #writes: Promise<void>[] = [];
  /** What isomorphic-git calls. */
  readonly promises = {
    ...disk,
    // isomorphic-git asks this only to learn whether it must write.
    stat: async (path: string) => {
      const found = await disk.stat(path);
      if (!(await isSound(path))) throw Object.assign(new Error(`damaged: ${path}`), { code: "ENOENT" });
      return found;
    },
    writeFile: async (path: string, bytes: Uint8Array) => {
      const written = write(path, bytes);
      // It is `settled` that reports a failure; until then it must not count as one that nobody handles.
      written.catch(() => {});
      this.#writes.push(written);
    },
  };

  /** Resolves when everything written so far would survive a crash of the machine. */
  async settled(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#writes.splice(0));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const isNew = (await disk.mkdir(folder, { recursive: true })) !== undefined;
  const temporary = `${folder}/tmp_obj_${randomUUID()}`;
  try {
    const handle = await disk.open(temporary, "wx", 0o444);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await disk.rename(temporary, path);
  } catch (error) {
    await disk.rm(temporary, { force: true });
    throw error;
  }
  await Promise.all([syncFolder(folder), isNew ? syncFolder(dirname(folder)) : undefined]);
}

/** Whether a loose object's bytes are those that its name stands for. */
async function isSound(path: string): Promise<boolean> {
  const [, first, rest] = LOOSE_OBJECT.exec(path) ?? [];
  if (first === undefined || rest === undefined) return true;
  try {
    const object = await promisify(inflate)(await disk.readFile(path));
    return createHash("sha1").update(object).digest("hex") === first + rest;
  } catch {
    return false;
  }
}
