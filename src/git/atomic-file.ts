import { randomBytes } from "node:crypto";
import { type FileHandle, link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

export interface AtomicOptions {
  /** Permissions of the file. */
  readonly mode?: number;
  /** False for what can be rebuilt: a crash of the machine may leave nothing, or an empty file. Default: true. */
  readonly durable?: boolean;
}

/**
 * Writes a file so that a reader sees the old or the new bytes whole, and the new ones survive a crash of the
 * machine once this returns.
 */
export async function replaceFile(
  path: string,
  bytes: string | Uint8Array,
  options: AtomicOptions = {},
): Promise<void> {
  await throughTemporary(path, bytes, options, (temporary) => rename(temporary, path));
}

/**
 * The same, but never over another file: of several processes exactly one gets `true`.
 * @returns false when there was a file already
 */
export async function createFile(
  path: string,
  bytes: string | Uint8Array,
  options: AtomicOptions = {},
): Promise<boolean> {
  return throughTemporary(path, bytes, options, async (temporary) => {
    try {
      await link(temporary, path);
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

/** Null when there is no such file; every other problem is an exception (FAILURES 13). */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return null;
    throw error;
  }
}

/** Makes the names in a folder durable; does nothing where a folder cannot be synced (Windows). */
export async function syncFolder(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    await handle.sync();
  } catch (error) {
    if (!["EISDIR", "EPERM", "EINVAL", "EACCES", "ENOTSUP"].includes(errorCode(error) ?? "")) throw error;
  } finally {
    await handle?.close();
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

async function throughTemporary<T>(
  path: string,
  bytes: string | Uint8Array,
  { mode = 0o666, durable = true }: AtomicOptions,
  publish: (temporary: string) => Promise<T>,
): Promise<T> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  // In the same folder: a rename is atomic only within one file system. The name is what `git gc` clears away.
  const temporary = `${folder}/tmp_obj_${randomBytes(9).toString("hex")}`;
  try {
    const handle = await open(temporary, "wx", mode);
    try {
      await handle.writeFile(bytes);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    const result = await publish(temporary);
    if (durable) await syncFolder(folder);
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
