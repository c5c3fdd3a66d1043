/**
 * Small files, whole or not at all. The calls are synchronous on purpose: each takes a fraction of what handing it
 * to another thread and back costs, and a claim makes a dozen of them (docs/adr/0009).
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

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
export function replaceFile(path: string, bytes: string | Uint8Array, options: AtomicOptions = {}): void {
  throughTemporary(path, bytes, options, (temporary) => renameSync(temporary, path));
}

/**
 * The same, but never over another file: of several processes exactly one gets `true`.
 * @returns false when there was a file already
 */
export function createFile(path: string, bytes: string | Uint8Array, options: AtomicOptions = {}): boolean {
  return throughTemporary(path, bytes, options, (temporary) => {
    try {
      linkSync(temporary, path);
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    } finally {
      removeFile(temporary);
    }
  });
}

/** Writes into a file, in place: a reader may see part of it. */
export function overwriteFile(path: string, text: string): void {
  inFolder(dirname(path), () => writeFileSync(path, text));
}

/** Null when there is no such file; every other problem is an exception (FAILURES 13). */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return null;
    throw error;
  }
}

/** What stands in a folder; nothing when there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** Does nothing when there is no such file. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT" && errorCode(error) !== "ENOTDIR") throw error;
  }
}

/**
 * With the files in it, as far as that can be done: a folder in there, and what somebody else puts there or has open, stays and
 * keeps it. For the end of a process, when there is nobody to tell; node's own `rmSync` is loaded at its first call.
 */
export function removeFolder(path: string): void {
  try {
    for (const file of namesIn(path)) tryTo(() => unlinkSync(join(path, file)));
    rmdirSync(path);
  } catch {
    // It stays.
  }
}

function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    // It stays.
  }
}

/** With the folders above it; does nothing when it is there. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    // What node also says when the disk is read-only: a single step tells.
    mkdirSync(firstMissing(path));
    mkdirSync(path, { recursive: true });
  }
}

function firstMissing(path: string): string {
  const above = dirname(path);
  return above === path || existsSync(above) ? path : firstMissing(above);
}

/** Makes the names in a folder durable; does nothing where a folder cannot be synced (Windows). */
export function syncFolder(path: string): void {
  let handle: number | undefined;
  try {
    handle = openSync(path, "r");
    fsyncSync(handle);
  } catch (error) {
    if (!["EISDIR", "EPERM", "EINVAL", "EACCES", "ENOTSUP"].includes(errorCode(error) ?? "")) throw error;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** Writes a new file whose bytes, but not yet its name, survive a crash of the machine (if `durable`). */
export function writeNew(
  path: string,
  bytes: string | Uint8Array,
  { mode = 0o666, durable = true }: AtomicOptions,
): void {
  const handle = openSync(path, "wx", mode);
  try {
    const buffer = typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes;
    for (let written = 0; written < buffer.byteLength; ) written += writeSync(handle, buffer, written);
    if (durable) fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** In the same folder: a rename is atomic only within one file system. The name is what `git gc` clears away. */
export const temporaryIn = (folder: string): string => `${folder}/${TEMPORARY}${randomBytes(9).toString("hex")}`;

export const isTemporary = (name: string): boolean => name.startsWith(TEMPORARY);

const TEMPORARY = "tmp_obj_";

function throughTemporary<T>(
  path: string,
  bytes: string | Uint8Array,
  options: AtomicOptions,
  publish: (temporary: string) => T,
): T {
  const folder = dirname(path);
  const temporary = temporaryIn(folder);
  try {
    inFolder(folder, () => writeNew(temporary, bytes, options));
    const result = publish(temporary);
    if (options.durable !== false) syncFolder(folder);
    return result;
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
}

/** Does something in a folder, which is made (after `others`) only when it is missing: it hardly ever is. */
export function inFolder(folder: string, act: () => void, ...others: readonly string[]): void {
  try {
    act();
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    for (const missing of [...others, folder]) makeFolder(missing);
    act();
  }
}
