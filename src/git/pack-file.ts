import { createHash } from "node:crypto";
import { renameSync } from "node:fs";
import { join } from "node:path";
import type { Oid } from "../ledger/ports.ts";
import { makeFolder, temporaryIn, writeNew } from "./atomic-file.ts";

/** An object to be packed. */
export interface PackedObject {
  readonly oid: Oid;
  readonly kind: "blob" | "tree" | "commit";
  readonly size: number;
  /** Its content, deflated. */
  readonly deflated: Buffer;
}

/** Where an entry stands in the pack, and the checksum of its bytes. */
interface Place {
  readonly oid: Oid;
  readonly offset: number;
  readonly crc: number;
}

const TYPES = { commit: 1, tree: 2, blob: 3 } as const;

/**
 * Writes objects as one pack with its index (gitformat-pack, versions 2). The pack is there before its index is: without
 * an index git does not look at it. Neither is synced.
 * @returns the pack's file
 */
export function writePack(gitDir: string, objects: readonly PackedObject[]): string {
  const { bytes, places } = packOf(objects);
  const checksum = bytes.subarray(-20);
  const folder = join(gitDir, "objects", "pack");
  makeFolder(folder);
  const name = join(folder, `pack-${checksum.toString("hex")}`);
  for (const [extension, content] of [["pack", bytes] as const, ["idx", indexOf(places, checksum)] as const]) {
    const temporary = temporaryIn(folder);
    writeNew(temporary, content, { mode: 0o444, durable: false });
    renameSync(temporary, `${name}.${extension}`);
  }
  return `${name}.pack`;
}

/** The index that belongs to a pack; null for other files. */
export function indexPathOf(path: string): readonly [string] | null {
  return path.endsWith(".pack") ? [path.replace(/pack$/, "idx")] : null;
}

function packOf(objects: readonly PackedObject[]): { readonly bytes: Buffer; readonly places: readonly Place[] } {
  const head = Buffer.alloc(12);
  head.write("PACK");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(objects.length, 8);
  const parts: Buffer[] = [head];
  const places: Place[] = [];
  let offset = head.byteLength;
  for (const { oid, kind, size, deflated } of objects) {
    const entry = Buffer.concat([entryHead(TYPES[kind], size), deflated]);
    places.push({ oid, offset, crc: crc32(entry) });
    parts.push(entry);
    offset += entry.byteLength;
  }
  return { bytes: withSha1(Buffer.concat(parts)), places };
}

/** Type and size: four bits of the size beside the type, then seven in each further byte. */
function entryHead(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 128);
    byte = rest & 127;
  }
  return Buffer.from([...bytes, byte]);
}

function indexOf(places: readonly Place[], checksum: Buffer): Buffer {
  const sorted = [...places].sort((one, other) => (one.oid < other.oid ? -1 : 1));
  const words = (values: readonly number[]): Buffer => {
    const buffer = Buffer.alloc(values.length * 4);
    values.forEach((value, index) => {
      buffer.writeUInt32BE(value, index * 4);
    });
    return buffer;
  };
  const firstBytes = sorted.map(({ oid }) => Number.parseInt(oid.slice(0, 2), 16));
  const fanout = Array.from({ length: 256 }, (_, byte) => firstBytes.filter((first) => first <= byte).length);
  return withSha1(
    Buffer.concat([
      Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]),
      words(fanout),
      ...sorted.map(({ oid }) => Buffer.from(oid, "hex")),
      words(sorted.map(({ crc }) => crc)),
      words(sorted.map(({ offset }) => offset)),
      checksum,
    ]),
  );
}

const withSha1 = (bytes: Buffer): Buffer => Buffer.concat([bytes, createHash("sha1").update(bytes).digest()]);

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** As in zlib, which offers it only from node 20.15 on. */
function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (CRC_TABLE[(value ^ byte) & 255] as number) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
