import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { formatCommit, parseCommit } from "../../../src/git/commit-object.ts";
import { FILE, FOLDER, formatTree, isFolder, parseTree, type TreeEntry } from "../../../src/git/tree-object.ts";
import type { Commit, FileReading, NewCommit, ObjectStore, Oid } from "../../../src/ledger/ports.ts";

type Kind = "commit" | "tree" | "blob";

/** Numbers of the kinds in a pack (gitformat-pack). */
const IN_PACK: Readonly<Record<Kind, number>> = { commit: 1, tree: 2, blob: 3 };

interface Stored {
  readonly kind: Kind;
  readonly bytes: Buffer;
}

/**
 * Git objects in memory, with the bytes and names that git gives them: thousands of commits are written without a
 * file or a process, and handed to a real repository as one pack.
 */
export class ByteStore implements ObjectStore {
  readonly #objects = new Map<Oid, Stored>();
  /** How many of the objects each repository has. */
  readonly #moved = new Map<string, number>();

  async readCommit(oid: Oid): Promise<Commit> {
    return parseCommit(oid, this.#bytes(oid));
  }

  async readFile(commit: Oid, path: string): Promise<FileReading> {
    let entry: TreeEntry = { mode: FOLDER, name: "", oid: (await this.readCommit(commit)).tree };
    for (const part of path.split("/")) {
      const found = isFolder(entry.mode) && parseTree(this.#bytes(entry.oid)).find(({ name }) => name === part);
      if (!found) return { kind: "missing" };
      entry = found;
    }
    return { kind: "text", text: this.#bytes(entry.oid).toString("utf8") };
  }

  async writeCommit(commit: NewCommit): Promise<Oid> {
    const parent = commit.parent === null ? null : (await this.readCommit(commit.parent)).tree;
    let tree = parent;
    for (const [path, text] of commit.files) tree = this.#withFile(tree, path.split("/"), text);
    return this.put("commit", formatCommit(tree ?? this.put("tree", Buffer.alloc(0)), commit));
  }

  handOver(): readonly [] {
    return [];
  }

  async settled(): Promise<void> {}

  /** Any object, also one that no honest program writes. */
  put(kind: Kind, bytes: Buffer): Oid {
    const oid = createHash("sha1").update(`${kind} ${bytes.byteLength}\0`).update(bytes).digest("hex");
    if (!this.#objects.has(oid)) this.#objects.set(oid, { kind, bytes });
    return oid;
  }

  /** The bytes of an object, to be forged. */
  bytes(oid: Oid): Buffer {
    return this.#bytes(oid);
  }

  /** Puts everything that it does not have yet into a repository, and its refs where they are wanted. */
  async moveTo(gitDir: string, refs: Readonly<Record<string, Oid>>): Promise<void> {
    const moved = this.#moved.get(gitDir) ?? 0;
    const objects = [...this.#objects.values()].slice(moved);
    if (objects.length > 0) await feed(["-C", gitDir, "index-pack", "--stdin"], pack(objects));
    this.#moved.set(gitDir, moved + objects.length);
    const lines = Object.entries(refs).map(([ref, oid]) => `update ${ref} ${oid}\n`);
    await feed(["-C", gitDir, "update-ref", "--stdin"], Buffer.from(lines.join("")));
  }

  #bytes(oid: Oid): Buffer {
    const object = this.#objects.get(oid);
    if (!object) throw new Error(`there is no object ${oid}`);
    return object.bytes;
  }

  #withFile(tree: Oid | null, [part = "", ...rest]: readonly string[], text: string): Oid {
    const entries = tree === null ? [] : parseTree(this.#bytes(tree));
    const present = entries.find(({ name }) => name === part);
    const entry: TreeEntry =
      rest.length === 0
        ? { mode: FILE, name: part, oid: this.put("blob", Buffer.from(text)) }
        : { mode: FOLDER, name: part, oid: this.#withFile(present?.oid ?? null, rest, text) };
    return this.put("tree", formatTree([...entries.filter(({ name }) => name !== part), entry]));
  }
}

function pack(objects: readonly Stored[]): Buffer {
  const header = Buffer.alloc(12);
  header.write("PACK");
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const packed = objects.flatMap(({ kind, bytes }) => [
    sizeHeader(IN_PACK[kind], bytes.byteLength),
    deflateSync(bytes, { level: 1 }),
  ]);
  const body = Buffer.concat([header, ...packed]);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

function sizeHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(size / 16);
  let byte = (type << 4) | (size & 15);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, byte]);
}

function feed(args: readonly string[], input: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile("git", args, (error) => (error ? reject(error) : resolve()));
    child.stdin?.on("error", () => {}).end(input);
  });
}
