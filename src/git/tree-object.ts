import type { Oid } from "../ledger/ports.ts";

/** One line of a tree. The name is bytes, for git allows any; `latin1` keeps each byte as one character. */
export interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly oid: Oid;
}

export const FOLDER = "40000";
export const FILE = "100644";

/** Reads a tree as it is, odd modes included: what we do not change must be written back the same. */
export function parseTree(bytes: Uint8Array): TreeEntry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: TreeEntry[] = [];
  for (let at = 0; at < buffer.length; ) {
    const space = buffer.indexOf(0x20, at);
    const end = buffer.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > buffer.length)
      throw new Error("a tree object ends in the middle of an entry");
    entries.push({
      mode: buffer.toString("latin1", at, space),
      name: buffer.toString("latin1", space + 1, end),
      oid: buffer.toString("hex", end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
}

/** In git's order: by bytes, a folder's name compared as if it ended with a slash. */
export function formatTree(entries: readonly TreeEntry[]): Buffer {
  const key = ({ mode, name }: TreeEntry) => Buffer.from(isFolder(mode) ? `${name}/` : name, "latin1");
  const sorted = [...entries].sort((one, other) => Buffer.compare(key(one), key(other)));
  return Buffer.concat(
    sorted.flatMap(({ mode, name, oid }) => [Buffer.from(`${mode} ${name}\0`, "latin1"), Buffer.from(oid, "hex")]),
  );
}

export function isFolder(mode: string): boolean {
  return /^0?40000$/.test(mode);
}

/** A path's part as it stands in a tree. */
export function treeName(part: string): string {
  return Buffer.from(part, "utf8").toString("latin1");
}
