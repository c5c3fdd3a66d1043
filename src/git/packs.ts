import { join } from "node:path";
import { inflateSync } from "node:zlib";
import type { Oid } from "../ledger/ports.ts";
import { errorCode, namesIn } from "./atomic-file.ts";
import { applyDelta } from "./delta.ts";
import { type GitObject, gitObject, type Kind } from "./loose-object.ts";
import { PackIndex, readPart } from "./pack-index.ts";

const KINDS: Readonly<Record<number, Kind>> = { 1: "commit", 2: "tree", 3: "blob" };
const OFFSET_DELTA = 6;
const REF_DELTA = 7;
/** Type and size, and what a delta is based on, take at most so many bytes. */
const ENTRY_HEAD = 32;

/**
 * The packs of a repository, as git writes them (gitformat-pack, version 2). Read here and not by a git process: a cold
 * command reads half a dozen objects, and starting git costs more than reading them.
 */
export class Packs {
  readonly #folder: string;
  /** The pack that had the last object first: the next one is probably there as well. */
  #indexes: PackIndex[] = [];

  constructor(gitDir: string) {
    this.#folder = join(gitDir, "objects", "pack");
  }

  /**
   * Finds an object; looks for new packs when those that it knows do not have it, or are gone.
   * @returns null when no pack has it
   * @throws when it is damaged
   */
  find(oid: Oid): GitObject | null {
    let found = this.#findInKnown(oid);
    while (found === null && this.#look()) found = this.#findInKnown(oid);
    return found;
  }

  #findInKnown(oid: Oid): GitObject | null {
    for (const index of this.#indexes) {
      const found = unlessGone(() => readFrom(index, oid));
      if (!found) continue;
      if (index !== this.#indexes[0]) this.#indexes = [index, ...this.#indexes.filter((other) => other !== index)];
      return found;
    }
    return null;
  }

  /** Whether there are packs that were not known. Those that were packed anew are forgotten. */
  #look(): boolean {
    const bases = namesIn(this.#folder)
      .filter((name) => name.endsWith(".idx"))
      .map((name) => join(this.#folder, name.slice(0, -".idx".length)));
    const known = this.#indexes.filter(({ base }) => bases.includes(base));
    const fresh = bases
      .filter((base) => !known.some((index) => index.base === base))
      .flatMap((base) => unlessGone(() => new PackIndex(base)) ?? []);
    this.#indexes = [...fresh, ...known];
    return fresh.length > 0;
  }
}

/** Null when the file was removed: git has packed its objects into another one. */
function unlessGone<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

function readFrom(index: PackIndex, oid: Oid): GitObject | null {
  const offset = index.offsetOf(oid);
  if (offset === null) return null;
  const { kind, content } = resolve(index, offset);
  if (gitObject(kind, content).oid !== oid) throw new Error(`the pack ${index.base} has a damaged ${oid}`);
  return { oid, kind, content };
}

/** Follows the chain of deltas to a whole object, then applies them on the way back. */
function resolve(index: PackIndex, start: number): Pick<GitObject, "kind" | "content"> {
  const deltas: Buffer[] = [];
  for (let offset: number | null = start; offset !== null; ) {
    const entry = readEntry(`${index.base}.pack`, offset);
    const kind = KINDS[entry.type];
    if (kind !== undefined) return { kind, content: deltas.reduceRight(applyDelta, entry.content) };
    deltas.push(entry.content);
    offset = typeof entry.on === "string" ? index.offsetOf(entry.on) : entry.on;
  }
  throw new Error(`the pack ${index.base} has a delta on nothing`);
}

interface Entry {
  readonly type: number;
  readonly content: Buffer;
  /** What a delta is based on: where it begins in the same pack, or its name. */
  readonly on: number | Oid | null;
}

function readEntry(pack: string, offset: number): Entry {
  const head = readPart(pack, offset, ENTRY_HEAD);
  let at = 0;
  const next = () => head.readUInt8(at++);
  let byte = next();
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  for (let unit = 16; byte & 128; unit *= 128) {
    byte = next();
    size += (byte & 127) * unit;
  }
  let on: Entry["on"] = null;
  if (type === OFFSET_DELTA) {
    byte = next();
    let back = byte & 127;
    while (byte & 128) {
      byte = next();
      back = (back + 1) * 128 + (byte & 127);
    }
    on = offset - back;
    if (back <= 0 || on < 0) throw new Error(`the pack ${pack} has a delta on nothing`);
  } else if (type === REF_DELTA) {
    on = head.toString("hex", at, at + 20);
    at += 20;
  }
  const deflated = readPart(pack, offset + at, deflatedAtMost(size));
  const content = inflateSync(deflated, { maxOutputLength: Math.max(size, 1) });
  if (content.byteLength !== size) throw new Error(`the pack ${pack} has an object of another size`);
  return { type, content, on };
}

/** How long deflated bytes can be, by zlib's own bound for any settings (`deflateBound`). */
const deflatedAtMost = (size: number): number => size + ((size + 7) >>> 3) + ((size + 63) >>> 6) + 32;
