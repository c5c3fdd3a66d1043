import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Duration } from "../domain/instant.ts";
import { LedgerFailure } from "../ledger/failure.ts";
import type { Oid } from "../ledger/ports.ts";
import { readIfThere } from "./atomic-file.ts";
import { deepen } from "./commands/deepen.ts";
import { listRemote } from "./commands/list-remote.ts";
import type { Courtesy } from "./courtesy.ts";
import { FolderLock } from "./machine-lock.ts";
import { type PrivateGit, REMOTE } from "./private-git.ts";
import type { CoordFolder } from "./private-repository.ts";
import type { GitCommand } from "./run.ts";

/** What of a chain is here, when only its newest commits were fetched (docs/adr/0012). */
export interface History {
  /** The commits that are here without their parents, which exist: such a commit is no root. */
  boundary(): ReadonlySet<Oid>;
  /**
   * Brings what stands before a commit of the boundary.
   * @param count so many more commits; null: all
   * @throws LedgerFailure `history_cut` when it cannot be brought
   */
  bring(before: Oid, count: number | null, signal?: AbortSignal): Promise<void>;
}

export interface ShallowHistorySettings {
  readonly git: PrivateGit;
  readonly folder: CoordFolder;
  readonly branch: string;
  readonly courtesy: Courtesy;
  /** Milliseconds for one exchange with the remote, and for waiting until another process of this clone is done. */
  readonly patience: Duration;
}

/** Milliseconds for bringing a whole history. */
const WHOLE: Duration = 600_000;
/** A lock file of git that is older was left by a git that was killed: milliseconds, and longer than any exchange. */
const LEFT_BEHIND: Duration = WHOLE + 60_000;
/** How long another process of this clone is left alone before it is looked at again, at most: milliseconds. */
const LOOK: Duration = 40;

/** The history of one branch in the private repository: shallow until somebody asks for more. */
export class ShallowHistory implements History {
  readonly #settings: ShallowHistorySettings;
  readonly #gitDir: string;
  readonly #lock: FolderLock;

  constructor(settings: ShallowHistorySettings) {
    const { folder } = settings;
    this.#settings = settings;
    this.#gitDir = folder.repository;
    this.#lock = new FolderLock(join(folder.path, "history"), { wall: Date.now });
  }

  boundary(): ReadonlySet<Oid> {
    return readBoundary(this.#gitDir);
  }

  async bring(before: Oid, count: number | null, signal?: AbortSignal): Promise<void> {
    await this.exclusively(async () => {
      // Another process of this clone may have brought it meanwhile.
      if (!this.boundary().has(before)) return;
      const { branch } = this.#settings;
      let stderr = (await this.#ask(deepen(REMOTE, branch, count), signal))?.stderr;
      // Not every server can go by the boundary; all can give everything.
      if (count !== null && this.boundary().has(before) && !signal?.aborted) {
        stderr = (await this.#ask(deepen(REMOTE, branch, null), signal))?.stderr;
      }
      if (!this.boundary().has(before)) return;
      const there = await this.#ask(listRemote(REMOTE, branch), signal);
      const isAnswering = there !== null && there.kind !== "unreachable";
      const words = (there?.kind === "unreachable" ? there.words : stderr)?.trim() ?? "";
      throw new LedgerFailure({ code: "history_cut", commit: before, isAnswering, words });
    }, signal);
  }

  /** One exchange with the remote; null when it wants to be left alone for longer than anybody waits. */
  async #ask<T>(command: GitCommand<T>, signal: AbortSignal | undefined): Promise<T | null> {
    const { git, courtesy } = this.#settings;
    const answer = await courtesy.exchange(signal, (env) => git.run(command, { signal, timeout: WHOLE, env }));
    return answer?.outcome ?? null;
  }

  /**
   * Runs what moves the boundary. Git refuses while another git moves it, so the processes of a clone do it one after
   * another; one that takes too long, or was stopped, is not waited for: git's own lock protects.
   */
  async exclusively<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const begin = performance.now();
    let lock = await this.#lock.tryAcquire();
    while (lock === null && performance.now() - begin < this.#settings.patience) {
      await sleep(LOOK / 2 + (Math.random() * LOOK) / 2, undefined, signal && { signal });
      lock = await this.#lock.tryAcquire();
    }
    try {
      removeLeftBehind(join(this.#gitDir, "shallow.lock"));
      return await act();
    } finally {
      await lock?.release();
    }
  }
}

/** The history of a repository that somebody else looks after: read as it is. */
export function historyAsItIs(gitDir: string): History {
  return {
    boundary: () => readBoundary(gitDir),
    bring: async (commit) => {
      const words = "this repository is a shallow clone: `git fetch --unshallow` completes it";
      throw new LedgerFailure({ code: "history_cut", commit, isAnswering: true, words });
    },
  };
}

/** Git replaces the file by renaming; without one everything is there. */
function readBoundary(gitDir: string): ReadonlySet<Oid> {
  return new Set((readIfThere(join(gitDir, "shallow")) ?? "").split("\n").filter(Boolean));
}

function removeLeftBehind(lock: string): void {
  const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  if (since !== undefined && Date.now() - since > LEFT_BEHIND) rmSync(lock, { force: true });
}
