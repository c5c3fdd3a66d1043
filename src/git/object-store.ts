import type { Commit, FileReading, KeptObject, NewCommit, ObjectStore, Oid } from "../ledger/ports.ts";
import { formatCommit, parseCommit } from "./commit-object.ts";
import { GitFailure } from "./errors.ts";
import { pathsOf, restoreObjects, syncWritten, type WrittenObject, writeObjects } from "./kept-object.ts";
import { type GitObject, gitObject, type Kind, readLoose } from "./loose-object.ts";
import { Packs } from "./packs.ts";
import { type History, historyAsItIs } from "./shallow-history.ts";
import { FILE, FOLDER, formatTree, isFolder, parseTree, type TreeEntry, treeName } from "./tree-object.ts";

type Folder = Map<string, Buffer | Folder>;

/** How much of what was used last is kept in memory, and up to which size each: bytes. */
const KEPT = 8 * 1024 * 1024;
const LARGE = 1024 * 1024;

/** Objects of the private repository, read and written without a process. */
export class GitObjectStore implements ObjectStore {
  readonly #gitdir: string;
  readonly #packs: Packs;
  readonly #history: History;
  /** What `writeCommit` was given, and nobody but this process can see yet. */
  readonly #fresh = new Map<Oid, GitObject>();
  /** What was written and may not be on the disk yet. */
  #unsettled: WrittenObject[] = [];
  /** The objects used last: they never change, and every decision reads its tip and the tip's parent again. */
  readonly #recent = new Map<Oid, GitObject>();
  #recentSize = 0;
  /** How many commits are brought the next time that one is missing. */
  #wanted = 64;

  /**
   * @param gitDir the private repository
   * @param history brings commits that were not fetched yet, when they are read
   */
  constructor(gitDir: string, history: History = historyAsItIs(gitDir)) {
    this.#gitdir = gitDir;
    this.#history = history;
    this.#packs = new Packs(gitDir);
  }

  /** @throws GitFailure `object_missing`, `object_corrupt`; LedgerFailure `history_cut` */
  async readCommit(oid: Oid): Promise<Commit> {
    for (;;) {
      try {
        return parseCommit(oid, await this.#read(oid, "commit"));
      } catch (error) {
        const child = error instanceof GitFailure && error.code === "object_missing" ? await this.#childOf(oid) : null;
        if (child === null) throw error;
        await this.#history.bring(child, this.#wanted);
        // Whoever goes on walking back gets more at a time.
        this.#wanted *= 4;
      }
    }
  }

  /** The commit whose parent was left at the remote when only the newest commits were fetched. */
  async #childOf(missing: Oid): Promise<Oid | null> {
    for (const oid of this.#history.boundary()) {
      const found = this.#find(oid);
      if (found?.kind === "commit" && parseCommit(oid, found.content).parents.includes(missing)) return oid;
    }
    return null;
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
   * The objects can be read here when this returns, by git when they were handed over or settled, and survive a
   * crash of the machine when `settled` has returned.
   * @throws GitFailure `path_in_the_way` when a file of the parent stands where a folder is needed
   */
  async writeCommit(commit: NewCommit): Promise<Oid> {
    const parent = commit.parent === null ? null : (await this.readCommit(commit.parent)).tree;
    const tree = await this.#writeTree(parent, folderOf(commit.files), "");
    return this.#write("commit", formatCommit(tree, commit));
  }

  handOver(): readonly KeptObject[] | null {
    this.#flush();
    const written = this.#unsettled;
    if (written.reduce((sum, { kept }) => sum + kept.length, 0) > LARGE) return null;
    this.#unsettled = [];
    return written.map(({ kept }) => kept);
  }

  async settled(): Promise<void> {
    this.#flush();
    const written = this.#unsettled;
    this.#unsettled = [];
    await syncWritten(written.map(({ path }) => path));
  }

  /** Makes objects durable that were handed over with a record. @param hasCrashed whether the machine has since */
  async secure(kept: readonly KeptObject[], hasCrashed: boolean): Promise<void> {
    await (hasCrashed ? restoreObjects(this.#gitdir, kept) : syncWritten(pathsOf(this.#gitdir, kept)));
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
    const known = this.#fresh.get(oid) ?? this.#recent.get(oid);
    if (known?.kind === kind) return known.content;
    const bytes = this.#readFromDisk(oid, kind);
    this.#remember({ oid, kind, content: bytes });
    return bytes;
  }

  #remember(object: GitObject): void {
    if (object.content.byteLength > LARGE || this.#recent.has(object.oid)) return;
    this.#recent.set(object.oid, object);
    this.#recentSize += object.content.byteLength;
    for (const [oldest, { content }] of this.#recent) {
      if (this.#recentSize <= KEPT) break;
      this.#recent.delete(oldest);
      this.#recentSize -= content.byteLength;
    }
  }

  /** Writes what was given since, where git can see it. */
  #flush(): void {
    const objects = [...this.#fresh.values()];
    this.#fresh.clear();
    for (const object of objects) this.#remember(object);
    this.#unsettled.push(...writeObjects(this.#gitdir, objects));
  }

  #readFromDisk(oid: Oid, kind: Kind): Uint8Array {
    const found = this.#find(oid);
    if (found === null) throw new GitFailure({ code: "object_missing", oid });
    if (found.kind !== kind) throw new GitFailure({ code: "object_corrupt", oid });
    return found.content;
  }

  #find(oid: Oid): GitObject | null {
    try {
      // Between the looks it may have been packed, or the other way round.
      return readLoose(this.#gitdir, oid) ?? this.#packs.find(oid) ?? readLoose(this.#gitdir, oid);
    } catch (error) {
      throw new GitFailure({ code: "object_corrupt", oid }, { cause: error });
    }
  }

  #write(kind: Kind, content: Uint8Array): Oid {
    const object = gitObject(kind, content);
    this.#fresh.set(object.oid, object);
    return object.oid;
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
