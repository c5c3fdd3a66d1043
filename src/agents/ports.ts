/** What stands at a path. */
export type FileKind = "file" | "folder" | "other";

/** Text files outside the ledger: a project's, and those of editor profiles. Paths are absolute. */
export interface TextFiles {
  /** Null when nothing is there. */
  kind(path: string): Promise<FileKind | null>;
  /**
   * Null when there is no such file.
   * @throws UnusableFile when it is a folder, or no UTF-8 text; a node error when it cannot be read
   */
  read(path: string): Promise<string | null>;
  /** @throws UnusableFile when `write` and `remove` would */
  checkWritable(path: string): Promise<void>;
  /**
   * Replaces the whole text atomically, through symbolic links, and keeps the permissions; makes missing folders.
   * @param executable for a new file
   * @throws UnusableFile when the file or its folder is read-only, for root as well; a node error otherwise
   */
  write(path: string, text: string, options?: { readonly executable?: boolean }): Promise<void>;
  /**
   * Removes the file and then the folders above it that are empty, up to and without `root`; empties what a link leads to.
   * @throws UnusableFile when it is read-only
   */
  remove(path: string, root: string): Promise<void>;
}

/** Thrown for a file that is there and must not, or cannot, be dealt with as text. The message says why. */
export class UnusableFile extends Error {
  override readonly name = "UnusableFile";
}

/** A folder with a branch of its own, made by `git worktree`. */
export interface Worktree {
  readonly path: string;
  readonly branch: string;
  /** False when it was there already. */
  readonly created: boolean;
}

/** What the commands for agent tools need of the machine they run on. */
export interface Workshop {
  /** Where the command was started (`-C`). */
  readonly folder: string;
  readonly home: string;
  readonly host: string;
  readonly platform: NodeJS.Platform;
  readonly files: TextFiles;
  /** The instructions as they are shipped. */
  instructions(): Promise<string>;
  /**
   * The root of the work tree around `folder`.
   * @throws GitFailure when there is none
   */
  projectRoot(): Promise<string>;
  /**
   * Makes a worktree of the repository around `workspace` on a branch of its own, or finds it; `id` is remembered there.
   * @throws GitFailure when git refuses
   */
  worktree(workspace: string, path: string, branch: string, id: string): Promise<Worktree>;
}
