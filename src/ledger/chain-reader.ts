import type { Commit, FileReading, Oid } from "./ports.ts";

/** One commit of the chain with as much of its tree as replaying it needs. */
export interface Snapshot {
  readonly commit: Commit;
  readonly board: FileReading;
  /** What stands at the root of its tree: `mode oid` by name. */
  readonly root: ReadonlyMap<string, string>;
}

/** Reads many commits at once, with a handful of processes and never one for each commit. */
export interface ChainReader {
  /**
   * The commits from `tip` back along first parents, newest first, up to but without `stop` and what stands before
   * it. Null for `stop`: to the root. A `stop` that is no ancestor shows in the parent of the last commit.
   * @param count at most so many, the newest
   */
  log(tip: Oid, stop: Oid | null, count?: number): Promise<readonly Commit[]>;
  /** The same commits with their boards, in the order given. */
  snapshots(commits: readonly Commit[]): AsyncIterable<Snapshot>;
  readFile(commit: Oid, path: string): Promise<FileReading>;
  /** What stands in a folder of a commit's tree: `mode oid` by name; nothing when it is not there. */
  readFolder(commit: Oid, path: string): Promise<ReadonlyMap<string, string>>;
  /** Ends what was started. */
  close(): Promise<void>;
}
