import type { ChainReader, Snapshot } from "../ledger/chain-reader.ts";
import type { Commit, FileReading, Oid } from "../ledger/ports.ts";
import { logChain } from "./commands/log-chain.ts";
import { parseCommit } from "./commit-object.ts";
import { type FoundObject, ObjectPipe } from "./object-pipe.ts";
import type { Git } from "./run.ts";
import type { History } from "./shallow-history.ts";
import { isFolder, parseTree } from "./tree-object.ts";

export interface ChainPlace {
  readonly git: Git;
  /** The repository that has the chain: the private one, or in a hook the one it runs in. */
  readonly gitDir: string;
  /** What of it is there. */
  readonly history: History;
  /** The file of the board, and up to which size in bytes it is read. */
  readonly file: string;
  readonly limit: number;
  /** Where else its objects are: the quarantine of a push. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How many commits are asked for before the first of them is used. */
const AHEAD = 64;

/** The chain in a real repository: one `git log` for the messages, one `git cat-file` for everything else. */
export class GitChainReader implements ChainReader {
  readonly #place: ChainPlace;
  #pipe: ObjectPipe | null = null;

  constructor(place: ChainPlace) {
    this.#place = place;
  }

  /** @throws GitFailure `git_failed`; LedgerFailure `history_cut` */
  async log(tip: Oid, stop: Oid | null, count: number = Number.POSITIVE_INFINITY): Promise<readonly Commit[]> {
    const { git, gitDir, env, history } = this.#place;
    const command = logChain(tip, stop, count);
    for (;;) {
      const commits = await git.run(
        { ...command, args: [`--git-dir=${gitDir}`, ...command.args] },
        { cwd: gitDir, env },
      );
      const last = commits.at(-1);
      if (last === undefined || !history.boundary().has(last.oid)) return commits;
      // Git shows it without its parents.
      const whole = parseCommit(last.oid, (await this.#find(last.oid))?.bytes ?? Buffer.alloc(0));
      const [parent] = whole.parents;
      if (parent === undefined || parent === stop || commits.length >= count) return [...commits.slice(0, -1), whole];
      const isBounded = stop !== null || Number.isFinite(count);
      await history.bring(last.oid, isBounded ? Math.max(AHEAD, commits.length * 4) : null);
    }
  }

  async *snapshots(commits: readonly Commit[]): AsyncIterable<Snapshot> {
    const asked: Promise<Snapshot>[] = [];
    for (const [index, commit] of commits.entries()) {
      while (asked.length < AHEAD && index + asked.length < commits.length) {
        const next = this.#snapshot(commits[index + asked.length] as Commit);
        // Whoever stops in the middle awaits none of those asked for ahead.
        next.catch(() => {});
        asked.push(next);
      }
      yield (await asked.shift()) ?? this.#snapshot(commit);
    }
  }

  async readFile(commit: Oid, path: string): Promise<FileReading> {
    const at = path.lastIndexOf("/");
    const folder = await this.readFolder(commit, path.slice(0, Math.max(at, 0)));
    return this.#reading(folder.get(path.slice(at + 1)), await this.#find(`${commit}:${path}`));
  }

  async readFolder(commit: Oid, path: string): Promise<ReadonlyMap<string, string>> {
    return entriesOf(await this.#find(path === "" ? `${commit}^{tree}` : `${commit}:${path}`));
  }

  async close(): Promise<void> {
    await this.#pipe?.close();
    this.#pipe = null;
  }

  async #snapshot(commit: Commit): Promise<Snapshot> {
    const { file } = this.#place;
    const [tree, board] = await Promise.all([this.#find(commit.tree), this.#find(`${commit.oid}:${file}`)]);
    const root = entriesOf(tree);
    return { commit, root, board: this.#reading(root.get(file), board) };
  }

  #find(name: string): Promise<FoundObject | null> {
    const { git, gitDir, env } = this.#place;
    this.#pipe ??= new ObjectPipe(["--no-replace-objects", `--git-dir=${gitDir}`], gitDir, {
      ...git.environment,
      ...env,
    });
    return this.#pipe.find(name);
  }

  #reading(entry: string | undefined, found: FoundObject | null): FileReading {
    if (entry === undefined || found === null) return { kind: "missing" };
    const [mode = ""] = entry.split(" ");
    if (isFolder(mode)) return { kind: "unusable", why: "folder" };
    if (mode === "120000") return { kind: "unusable", why: "link" };
    if (mode === "160000") return { kind: "unusable", why: "submodule" };
    if (found.bytes.byteLength > this.#place.limit) return { kind: "unusable", why: "too_large" };
    try {
      const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      return { kind: "text", text: decoder.decode(found.bytes) };
    } catch {
      return { kind: "unusable", why: "not_utf8" };
    }
  }
}

function entriesOf(tree: FoundObject | null): ReadonlyMap<string, string> {
  if (tree?.type !== "tree") return new Map();
  return new Map(parseTree(tree.bytes).map(({ mode, name, oid }) => [name, `${mode} ${oid}`]));
}
