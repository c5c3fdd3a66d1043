/**
 * Git objects in memory. Equal bytes have equal oids, on all machines; a machine can read only what it wrote or
 * received. Objects survive every crash (the real store syncs before it renames), and none is ever damaged:
 * torn writes are the business of test/git.
 */
import type { Commit, FileReading, NewCommit, ObjectStore, Oid } from "../../src/ledger/ports.ts";

interface Stored {
  readonly commit: Commit;
  readonly files: ReadonlyMap<string, string>;
  /** How many commits stand before it. */
  readonly depth: number;
}

/** Everything that was ever written anywhere. */
export class Objects {
  readonly #commits = new Map<Oid, Stored>();
  readonly #oids = new Map<string, Oid>();

  /** An oid for these bytes: numbered in order of appearance instead of hashed, which cannot collide. */
  #oidOf(bytes: string): Oid {
    const known = this.#oids.get(bytes);
    if (known !== undefined) return known;
    const oid = (this.#oids.size + 1).toString(16).padStart(12, "0").padEnd(40, "0");
    this.#oids.set(bytes, oid);
    return oid;
  }

  write({ parent, files: changed, author, committer, at, message }: NewCommit): Oid {
    const base = parent === null ? null : this.get(parent);
    const files = base ? new Map([...base.files, ...changed]) : changed;
    const tree = this.#oidOf(
      [...files]
        .map(([path, text]) => `${path} ${this.#oidOf(text)}`)
        .sort()
        .join("\n"),
    );
    // As in git, a commit's time has whole seconds.
    const time = Math.floor(at / 1000) * 1000;
    const oid = this.#oidOf([tree, parent, author.name, committer.name, time, message].join("\n"));
    if (!this.#commits.has(oid)) {
      const commit = { oid, parents: parent === null ? [] : [parent], tree, author, committer, at: time, message };
      this.#commits.set(oid, { commit, files, depth: base ? base.depth + 1 : 0 });
    }
    return oid;
  }

  get(oid: Oid): Stored {
    const stored = this.#commits.get(oid);
    if (!stored) throw new Error(`there is no commit ${oid}`);
    return stored;
  }

  parentOf(oid: Oid): Oid | null {
    return this.get(oid).commit.parents[0] ?? null;
  }

  /** Also true when both are the same. */
  isAncestor(older: Oid, newer: Oid): boolean {
    const { depth } = this.get(older);
    let oid: Oid | null = newer;
    while (oid !== null && this.get(oid).depth > depth) oid = this.parentOf(oid);
    return oid === older;
  }

  /** From the root to `tip`. */
  chain(tip: Oid | null): readonly Oid[] {
    const chain: Oid[] = [];
    for (let oid = tip; oid !== null; oid = this.parentOf(oid)) chain.push(oid);
    return chain.reverse();
  }
}

/** The objects of one clone. */
export class CloneObjects implements ObjectStore {
  readonly #present = new Set<Oid>();

  constructor(readonly all: Objects) {}

  /** Takes over a commit and all that stands before it. */
  receive(tip: Oid): void {
    for (let oid: Oid | null = tip; oid !== null && !this.#present.has(oid); oid = this.all.parentOf(oid)) {
      this.#present.add(oid);
    }
  }

  async readCommit(oid: Oid): Promise<Commit> {
    return this.#read(oid).commit;
  }

  async readFile(oid: Oid, path: string): Promise<FileReading> {
    const text = this.#read(oid).files.get(path);
    return text === undefined ? { kind: "missing" } : { kind: "text", text };
  }

  handOver(): readonly [] {
    return [];
  }

  /** What is written here is durable at once. */
  async settled(): Promise<void> {}

  async writeCommit(commit: NewCommit): Promise<Oid> {
    if (commit.parent !== null) this.#read(commit.parent);
    const oid = this.all.write(commit);
    this.#present.add(oid);
    return oid;
  }

  #read(oid: Oid): Stored {
    if (!this.#present.has(oid)) throw new Error(`this clone does not have ${oid}`);
    return this.all.get(oid);
  }
}
