import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import type { Oid } from "../ledger/ports.ts";
import { errorCode, inFolder, removeFile, temporaryIn, writeNew } from "./atomic-file.ts";

export type Kind = "blob" | "tree" | "commit";

export interface GitObject {
  readonly oid: Oid;
  readonly kind: Kind;
  readonly content: Uint8Array;
}

/** Names an object as git does. */
export function gitObject(kind: Kind, content: Uint8Array): GitObject {
  return { oid: sha1(wholeOf({ kind, content })), kind, content };
}

/** The bytes of a loose object's file. Speed before size: git packs anew what it sends. */
export function looseBytes(object: Pick<GitObject, "kind" | "content">): Buffer {
  const whole = wholeOf(object);
  return deflateSync(whole, { level: 1, ...(whole.byteLength <= 4096 && SMALL) });
}

/** A window of 4 KiB: zlib clears all of its memory first, by default a quarter of a megabyte for every commit. */
const SMALL = { windowBits: 12, memLevel: 5 };

/** The object that such bytes are. */
export function objectOf(bytes: Uint8Array): GitObject {
  const whole = inflateSync(bytes);
  const end = whole.indexOf(0);
  const [kind, size] = whole.toString("latin1", 0, end).split(" ");
  const content = whole.subarray(end + 1);
  if (Number(size) !== content.byteLength) throw new Error("the size of an object is not what its head says");
  return { oid: sha1(whole), kind: kind as Kind, content };
}

/**
 * Writes an object under a temporary name and renames it, for what is torn in place nothing repairs (FAILURES 29). One
 * that is there and sound stays. Not synced.
 * @param bytes of its file
 * @returns its file
 */
export function writeLoose(gitDir: string, object: Pick<GitObject, "oid">, bytes: Uint8Array): string {
  const path = join(gitDir, "objects", object.oid.slice(0, 2), object.oid.slice(2));
  if (isSound(path, object.oid) && freshen(path)) return path;
  for (let attempt = 1; ; attempt += 1) {
    const temporary = temporaryIn(dirname(path));
    try {
      inFolder(dirname(path), () => writeNew(temporary, bytes, { mode: 0o444, durable: false }));
      renameSync(temporary, path);
      return path;
    } catch (error) {
      removeFile(temporary);
      // Whoever tidies up removes empty folders: this one may go again before the file is in it.
      if (errorCode(error) !== "ENOENT" || attempt === FOLDER_GONE) throw error;
    }
  }
}

/** How often a folder is made anew in which a file is to stand. */
const FOLDER_GONE = 8;

/** Whoever prunes looks at the time: what is needed again is as good as new. False when it has gone in this moment. */
function freshen(path: string): boolean {
  const now = new Date();
  try {
    utimesSync(path, now, now);
    return true;
  } catch {
    return false;
  }
}

/** A loose object's kind and content; null when there is no such file. Throws when it is not sound. */
export function readLoose(gitDir: string, oid: Oid): GitObject | null {
  const path = join(gitDir, "objects", oid.slice(0, 2), oid.slice(2));
  if (!existsSync(path)) return null;
  const object = objectOf(readFileSync(path));
  if (object.oid !== oid) throw new Error(`the file of ${oid} is damaged`);
  return object;
}

const wholeOf = ({ kind, content }: Pick<GitObject, "kind" | "content">): Buffer =>
  Buffer.concat([Buffer.from(`${kind} ${content.byteLength}\0`), content]);

const sha1 = (bytes: Uint8Array): Oid => createHash("sha1").update(bytes).digest("hex");

/** Whether a loose object is there and has the bytes that its name stands for. */
function isSound(path: string, oid: Oid): boolean {
  if (!existsSync(path)) return false;
  try {
    return sha1(inflateSync(readFileSync(path))) === oid;
  } catch {
    return false;
  }
}
