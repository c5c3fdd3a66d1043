import { promises as disk } from "node:fs";
import { Errors, readObject } from "isomorphic-git";
import type { Commit, FileReading, KeptObject, NewCommit, ObjectStore, Oid } from "../ledger/ports.ts";
import { formatCommit, parseCommit } from "./commit-object.ts";
import { GitFailure } from "./errors.ts";
import { type Kind, syncObjects, type WrittenObject, writeLoose, writePacked } from "./loose-object.ts";
import { FILE, FOLDER, formatTree, isFolder, parseTree, type TreeEntry, treeName } from "./tree-object.ts";

type Folder = Map<string, Buffer | Folder>;

/** How many objects are kept in memory, and up to which size in bytes. */
const KEPT = 32;
const LARGE = 1024 * 1024;

/** Objects of the private repository, read and written without a process. */
export class GitObjectStore implements ObjectStore {
  readonly #gitdir: string;
  /** What isomorphic-git remembers of packs. */
  #cache: object = {};
  /** What was written and may not be on the disk yet. */
  #unsettled: WrittenObject[] = [];
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
   * The files can be read when this returns, and survive a crash of the machine when `settled` has.
   * @throws GitFailure `path_in_the_way` when a file of the parent stands where a folder is needed
   */
  async writeCommit(commit: NewCommit): Promise<Oid> {
    const parent = commit.parent === null ? null : (await this.readCommit(commit.parent)).tree;
    const tree = await this.#writeTree(parent, folderOf(commit.files), "");
    return this.#write("commit", formatCommit(tree, commit));
  }

  handOver(): readonly KeptObject[] | null {
    const written = this.#unsettled;
    const size = written.reduce((sum, { packed }) => sum + packed.byteLength, 0);
    if (size > LARGE) return null;
    this.#unsettled = [];
    return written.map(({ packed }) => packed.toString("base64"));
  }

  async settled(): Promise<void> {
    const written = this.#unsettled;
    this.#unsettled = [];
    await syncObjects(written);
  }

  /** Makes objects durable that were handed over, and puts back those that a crash of the machine destroyed. */
  async secure(kept: readonly KeptObject[]): Promise<void> {
    await syncObjects(kept.map((text) => writePacked(this.#gitdir, Buffer.from(text, "base64"))));
  }

  async #writeTree(base: Oid | null, folder: Folder, path: string): Promise<Oid> {
    const entries = new Map<string, TreeEntry>();
    if (base !== null) for (const entry of await this.#readTree(base)) entries.set(entry.name, entry);
    for (const [part, content] of folder) {
      const name = treeName(part);
      const present = entries.get(name);
      if (Buffer.isBuffer(content)) {
        entries.set(name, { mode: FILE, name, oid: this.#write("blob", content) });
        continue;
      }
      if (present && !isFolder(present.mode)) throw new GitFailure({ code: "path_in_the_way", path: path + part });
      const oid = await this.#writeTree(present?.oid ?? null, content, `${path}${part}/`);
      entries.set(name, { mode: present?.mode ?? FOLDER, name, oid });
    }
    return this.#write("tree", formatTree([...entries.values()]));
  }

  async #readTree(oid: Oid): Promise<TreeEntry[]> {
    return parseTree(await this.#read(oid, "tree"));
  }

  async #read(oid: Oid, kind: Kind): Promise<Uint8Array> {
    const known = this.#recent.get(oid);
    if (known?.kind === kind) return known.bytes;
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

  #write(kind: Kind, content: Uint8Array): Oid {
    const written = writeLoose(this.#gitdir, kind, content);
    this.#unsettled.push(written);
    this.#remember(written.oid, kind, content);
    return written.oid;
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
