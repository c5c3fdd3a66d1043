import { createHash } from "node:crypto";
import { promises as disk } from "node:fs";
import { deflateSync } from "node:zlib";
import { Errors, readObject, writeObject } from "isomorphic-git";
import type { Commit, FileReading, NewCommit, ObjectStore, Oid } from "../ledger/ports.ts";
import { formatCommit, parseCommit } from "./commit-object.ts";
import { DurableFs } from "./durable-fs.ts";
import { GitFailure } from "./errors.ts";
import { FILE, FOLDER, formatTree, isFolder, parseTree, type TreeEntry, treeName } from "./tree-object.ts";

type Kind = "blob" | "tree" | "commit";
type Folder = Map<string, Buffer | Folder>;

/** How many objects are kept in memory, and up to which size in bytes. */
const KEPT = 32;
const LARGE = 1024 * 1024;

/** Objects of the private repository, read and written without a process. */
export class GitObjectStore implements ObjectStore {
  readonly #gitdir: string;
  /** What isomorphic-git remembers of packs. */
  #cache: object = {};
  /** What `writeCommit` has begun. */
  #writing: Promise<void> = Promise.resolve();
  /** The objects used last: they never change, and every decision reads its tip and the tip's parent again. */
  readonly #recent = new Map<Oid, { readonly kind: Kind; readonly bytes: Uint8Array }>();

  /** @param gitDir the private repository */
  constructor(gitDir: string) {
    this.#gitdir = gitDir;
  }

  /** @throws GitFailure `object_missing`, `object_corrupt` */
  async readCommit(oid: Oid): Promise<Commit> {
    return parseCommit(oid, await this.#read(oid, "commit"));
  }

  /** @throws GitFailure `object_missing`, `object_corrupt` */
  async readFile(commit: Oid, path: string, limit: number): Promise<FileReading> {
    const parts = path.split("/").map(treeName);
    let tree = (await this.readCommit(commit)).tree;
    for (const [index, part] of parts.entries()) {
      const entry = (await this.#readTree(tree)).find(({ name }) => name === part);
      if (entry === undefined) return { kind: "missing" };
      const last = index === parts.length - 1;
      if (isFolder(entry.mode) && !last) tree = entry.oid;
      else if (isFolder(entry.mode)) return { kind: "unusable", why: "folder" };
      else if (entry.mode === "120000") return { kind: "unusable", why: "link" };
      else if (entry.mode === "160000") return { kind: "unusable", why: "submodule" };
      else return last ? readText(await this.#read(entry.oid, "blob"), limit) : { kind: "missing" };
    }
    return { kind: "missing" };
  }

  /**
   * The files are written while the caller goes on: see `settled`.
   * @throws GitFailure `path_in_the_way` when a file of the parent stands where a folder is needed
   */
  async writeCommit(commit: NewCommit): Promise<Oid> {
    const fs = new DurableFs();
    const parent = commit.parent === null ? null : (await this.readCommit(commit.parent)).tree;
    const tree = await this.#writeTree(fs, parent, folderOf(commit.files), "");
    const oid = await this.#write(fs, "commit", formatCommit(tree, commit));
    const written = fs.settled();
    // Whoever needs them on the disk awaits `settled`, and learns there that it failed.
    written.catch(() => {});
    this.#writing = Promise.all([this.#writing, written]).then(() => {});
    this.#writing.catch(() => {});
    return oid;
  }

  async settled(): Promise<void> {
    const writing = this.#writing;
    this.#writing = Promise.resolve();
    await writing;
  }

  async #writeTree(fs: DurableFs, base: Oid | null, folder: Folder, path: string): Promise<Oid> {
    const entries = new Map<string, TreeEntry>();
    if (base !== null) for (const entry of await this.#readTree(base)) entries.set(entry.name, entry);
    for (const [part, content] of folder) {
      const name = treeName(part);
      const present = entries.get(name);
      if (Buffer.isBuffer(content)) {
        entries.set(name, { mode: FILE, name, oid: await this.#write(fs, "blob", content) });
        continue;
      }
      if (present && !isFolder(present.mode)) throw new GitFailure({ code: "path_in_the_way", path: path + part });
      const oid = await this.#writeTree(fs, present?.oid ?? null, content, `${path}${part}/`);
      entries.set(name, { mode: present?.mode ?? FOLDER, name, oid });
    }
    return this.#write(fs, "tree", formatTree([...entries.values()]));
  }

  async #readTree(oid: Oid): Promise<TreeEntry[]> {
    return parseTree(await this.#read(oid, "tree"));
  }

  async #read(oid: Oid, kind: Kind): Promise<Uint8Array> {
    const known = this.#recent.get(oid);
    if (known?.kind === kind) return known.bytes;
    await this.#writing.catch(() => {});
    const bytes = await this.#readFromDisk(oid, kind);
    this.#remember(oid, kind, bytes);
    return bytes;
  }

  #remember(oid: Oid, kind: Kind, bytes: Uint8Array): void {
    if (bytes.byteLength > LARGE) return;
    this.#recent.delete(oid);
    this.#recent.set(oid, { kind, bytes });
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= KEPT) break;
      this.#recent.delete(oldest);
    }
  }

  async #readFromDisk(oid: Oid, kind: Kind): Promise<Uint8Array> {
    const read = () =>
      readObject({ fs: { promises: disk }, gitdir: this.#gitdir, oid, cache: this.#cache, format: "content" });
    try {
      const found = await read().catch((error: unknown) => {
        if (!(error instanceof Errors.NotFoundError)) throw error;
        this.#cache = {}; // Another process may have packed the objects meanwhile.
        return read();
      });
      if (found.format === "content" && found.type === kind) return found.object as Uint8Array;
    } catch (error) {
      const code = error instanceof Errors.NotFoundError ? "object_missing" : "object_corrupt";
      throw new GitFailure({ code, oid }, { cause: error });
    }
    throw new GitFailure({ code: "object_corrupt", oid });
  }

  async #write(fs: DurableFs, type: Kind, object: Uint8Array): Promise<Oid> {
    // Named and packed here, by node's own libraries: the portable ones that isomorphic-git falls back to take
    // milliseconds, three times for each claim.
    const whole = Buffer.concat([Buffer.from(`${type} ${object.byteLength}\0`), object]);
    const oid = createHash("sha1").update(whole).digest("hex");
    await writeObject({ fs, gitdir: this.#gitdir, oid, object: deflateSync(whole), format: "deflated" });
    this.#remember(oid, type, object);
    return oid;
  }
}

function readText(bytes: Uint8Array, limit: number): FileReading {
  if (bytes.byteLength > limit) return { kind: "unusable", why: "too_large" };
  try {
    // The byte order mark is kept: what is written back must be the same (I12).
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { kind: "unusable", why: "not_utf8" };
  }
}

/** `archive/2026-01.md` becomes a folder with a file in it. */
function folderOf(files: NewCommit["files"]): Folder {
  const root: Folder = new Map();
  for (const [path, text] of files) {
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    let folder = root;
    for (const part of parts) {
      const inner = folder.get(part) ?? new Map();
      if (Buffer.isBuffer(inner)) throw new GitFailure({ code: "path_in_the_way", path });
      folder.set(part, inner);
      folder = inner;
    }
    folder.set(name, Buffer.from(text, "utf8"));
  }
  return root;
}
