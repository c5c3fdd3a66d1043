import { closeSync, openSync, readSync } from "node:fs";
import type { Oid } from "../ledger/ports.ts";

const HEAD = 8;
const FANOUT = 256 * 4;
const LARGE = 0x80000000;

/**
 * The index of one pack (gitformat-pack, version 2). Of an index only the few bytes that an object takes are read: that
 * of a long history has megabytes, and a command wants half a dozen objects.
 */
export class PackIndex {
  /** Its path without `.idx`. */
  readonly base: string;
  readonly #fanout: Buffer;

  /** @throws when the file is not there, or is no such index */
  constructor(base: string) {
    this.base = base;
    const head = readPart(`${base}.idx`, 0, HEAD + FANOUT);
    if (head.byteLength < HEAD + FANOUT || head.readUInt32BE(0) !== 0xff744f63 || head.readUInt32BE(4) !== 2)
      throw new Error(`${base}.idx is no pack index of version 2`);
    this.#fanout = head.subarray(HEAD);
  }

  /** Where the object begins in the pack; null when it is not in this one. */
  offsetOf(oid: Oid): number | null {
    const wanted = Buffer.from(oid, "hex");
    const first = wanted[0] as number;
    const [from, to] = [first === 0 ? 0 : this.#before(first - 1), this.#before(first)];
    if (from === to) return null;
    const names = this.#read(HEAD + FANOUT + from * 20, (to - from) * 20);
    let [low, high] = [0, to - from];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = names.compare(wanted, 0, 20, middle * 20, middle * 20 + 20);
      if (order === 0) return this.#offsetAt(from + middle);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return null;
  }

  /** How many objects have a first byte up to this one. */
  #before(byte: number): number {
    return this.#fanout.readUInt32BE(byte * 4);
  }

  /** After the names come checksums of four bytes, then offsets of four, then those that need eight. */
  #offsetAt(place: number): number {
    const count = this.#before(255);
    const offsets = HEAD + FANOUT + count * 24;
    const offset = this.#read(offsets + place * 4, 4).readUInt32BE(0);
    if (offset < LARGE) return offset;
    return Number(this.#read(offsets + count * 4 + (offset - LARGE) * 8, 8).readBigUInt64BE(0));
  }

  #read(position: number, length: number): Buffer {
    const bytes = readPart(`${this.base}.idx`, position, length);
    if (bytes.byteLength < length) throw new Error(`${this.base}.idx ends too early`);
    return bytes;
  }
}

/** Part of a file; less than was asked for where the file ends. */
export function readPart(path: string, position: number, length: number): Buffer {
  const handle = openSync(path, "r");
  try {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const read = readSync(handle, bytes, filled, length - filled, position + filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(handle);
  }
}
