import { rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import type { KeptObject } from "../ledger/ports.ts";
import { errorCode, syncFolder } from "./atomic-file.ts";
import { type GitObject, gitObject, type Kind, looseBytes, objectOf, writeLoose } from "./loose-object.ts";
import { indexPathOf, type PackedObject, writePack } from "./pack-file.ts";

/** A new object, the file that it was written to, and how a record keeps it. */
export interface WrittenObject {
  readonly path: string;
  readonly kept: KeptObject;
}

/** More objects than these go into one pack: a file for each costs more than all the rest of a claim. */
const LOOSE = 6;

/** Writes objects where git sees them. Nothing is synced. */
export function writeObjects(gitDir: string, objects: readonly GitObject[]): readonly WrittenObject[] {
  const written = (path: string, kind: Kind | typeof WHOLE, bytes: Buffer): WrittenObject => {
    return { path, kept: `${kind}:${relative(gitDir, path)}:${bytes.toString("base64")}` };
  };
  if (objects.length <= LOOSE) {
    return objects.map((object) => {
      const bytes = looseBytes(object);
      return written(writeLoose(gitDir, object, bytes), WHOLE, bytes);
    });
  }
  const packed = objects.map(({ oid, kind, content }): PackedObject => {
    return { oid, kind, size: content.byteLength, deflated: deflateSync(content, { level: 1 }) };
  });
  const pack = writePack(gitDir, packed);
  return packed.map(({ kind, deflated }) => written(pack, kind, deflated));
}

/** Before the bytes of an object's own file, which say themselves what it is; else its kind stands before its content's. */
const WHOLE = "loose";

/** Returns when files that were written since the machine started would survive a crash of it. */
export async function syncWritten(paths: readonly string[]): Promise<void> {
  const files = new Set(paths.flatMap((path) => [path, ...(indexPathOf(path) ?? [])]));
  await Promise.all([...files].map(syncFile));
  const folders = [...files].map((path) => dirname(path));
  for (const folder of new Set([...folders, ...folders.map(dirname)])) ifThere(() => syncFolder(folder));
}

/** Where the objects of a record were written. */
export function pathsOf(gitDir: string, kept: readonly KeptObject[]): readonly string[] {
  return kept.map((text) => join(gitDir, text.split(":")[1] ?? ""));
}

/**
 * After a crash of the machine: writes the objects anew that may have been lost. Whoever finds half a pack stumbles over
 * it, so packs of which that is possible go.
 */
export async function restoreObjects(gitDir: string, kept: readonly KeptObject[]): Promise<void> {
  const paths = kept.map((text) => {
    const [kind, , base64 = ""] = text.split(":");
    const bytes = Buffer.from(base64, "base64");
    const object = kind === WHOLE ? objectOf(bytes) : gitObject(kind as Kind, inflateSync(bytes));
    return writeLoose(gitDir, object, kind === WHOLE ? bytes : looseBytes(object));
  });
  await syncWritten(paths);
  for (const path of pathsOf(gitDir, kept)) {
    for (const index of indexPathOf(path) ?? []) for (const half of [index, path]) rmSync(half, { force: true });
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r").catch(unlessGone);
  if (!handle) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ifThere(act: () => void): void {
  try {
    act();
  } catch (error) {
    unlessGone(error);
  }
}

/** Packed anew meanwhile, by git, which syncs what it packs; an empty folder goes with its last object. */
function unlessGone(error: unknown): null {
  if (errorCode(error) !== "ENOENT") throw error;
  return null;
}
