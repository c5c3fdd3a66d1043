import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import type { Oid } from "../ledger/ports.ts";
import { removeFile, syncFolder, temporaryIn, writeNew } from "./atomic-file.ts";

export type Kind = "blob" | "tree" | "commit";

/** An object whose file is there, but may not be on the disk yet. */
export interface WrittenObject {
  readonly oid: Oid;
  readonly path: string;
  /** The file's bytes. */
  readonly packed: Buffer;
}

/** Speed before size: git packs what it sends anew. */
const LEVEL = 1;

export function writeLoose(gitDir: string, kind: Kind, content: Uint8Array): WrittenObject {
  const whole = Buffer.concat([Buffer.from(`${kind} ${content.byteLength}\0`), content]);
  return write(gitDir, oidOf(whole), deflateSync(whole, { level: LEVEL }));
}

/** Writes an object whose file has these bytes. */
export function writePacked(gitDir: string, packed: Buffer): WrittenObject {
  return write(gitDir, oidOf(inflateSync(packed)), packed);
}

/** Returns when all of them, and their names, would survive a crash of the machine. */
export async function syncObjects(objects: readonly WrittenObject[]): Promise<void> {
  await Promise.all(objects.map(({ path }) => syncFile(path)));
  const folders = objects.map(({ path }) => dirname(path));
  for (const folder of new Set([...folders, ...folders.map(dirname)])) syncFolder(folder);
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Under a temporary name, then renamed: isomorphic-git writes in place, and what is torn there nothing repairs
 * (FAILURES 29). An object that is there and sound stays.
 */
function write(gitDir: string, oid: Oid, packed: Buffer): WrittenObject {
  const path = join(gitDir, "objects", oid.slice(0, 2), oid.slice(2));
  if (isSound(path, oid)) return { oid, path, packed };
  const folder = dirname(path);
  const temporary = temporaryIn(folder);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  try {
    writeNew(temporary, packed, { mode: 0o444, durable: false });
    renameSync(temporary, path);
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
  return { oid, path, packed };
}

const oidOf = (whole: Buffer): Oid => createHash("sha1").update(whole).digest("hex");

/** Whether a loose object is there and has the bytes that its name stands for. */
function isSound(path: string, oid: Oid): boolean {
  if (!existsSync(path)) return false;
  try {
    return oidOf(inflateSync(readFileSync(path))) === oid;
  } catch {
    return false;
  }
}
