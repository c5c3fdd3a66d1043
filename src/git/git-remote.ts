import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import type { Duration, Instant } from "../domain/instant.ts";
import type { FetchOutcome, ObjectStore, Oid, PushOutcome, Remote } from "../ledger/ports.ts";
import { readPosition } from "../ledger/tip.ts";
import { fetch } from "./commands/fetch.ts";
import { isAncestor } from "./commands/is-ancestor.ts";
import { listRemote } from "./commands/list-remote.ts";
import { push } from "./commands/push.ts";
import { updateRef } from "./commands/update-ref.ts";
import type { Courtesy } from "./courtesy.ts";
import { type Endpoint, isLocalPath } from "./endpoint.ts";
import { GitFailure } from "./errors.ts";
import { readRef } from "./local-ref.ts";
import { type PrivateGit, REMOTE } from "./private-git.ts";
import { judgePush } from "./push-outcome.ts";
import { readEvidence } from "./push-trace.ts";
import { receiverOf, tipIn } from "./remote-folder.ts";
import type { GitCommand, GitResult } from "./run.ts";
import type { ShallowHistory } from "./shallow-history.ts";
import type { TraceFiles } from "./trace-file.ts";

export interface GitRemoteSettings {
  readonly git: PrivateGit;
  /** The private repository. */
  readonly gitDir: string;
  readonly endpoint: Endpoint;
  /** The remote itself, when it is a folder of this machine: its path. */
  readonly folder: string | null;
  readonly branch: string;
  readonly objects: ObjectStore;
  readonly history: ShallowHistory;
  readonly courtesy: Courtesy;
  readonly traces: TraceFiles;
  /** Milliseconds for one exchange with the remote. */
  readonly timeout: Duration;
}

/** How often a fetch is begun anew because another process of this clone was moving the same ref. */
const CONTENDED = 8;
/**
 * How many of its newest commits are fetched of a branch that was never seen: enough for the place of the tip, a strict
 * check of it, and a hand edit. Further ones come when they are needed.
 */
const FIRST_DEPTH = 3;
/** How often a remote on the network is asked again before it counts as unreachable. */
const RETRIES = 2;

/**
 * One branch of a real remote. The local tip is the later of two refs of the private repository: what was fetched
 * last, and what git itself moved forward in a push of ours that landed, which saves a process for each claim.
 */
export class GitRemote implements Remote {
  /** What was fetched: `refs/coord/<endpoint>/<branch>`. Encoded, so that no branch is a folder of another. */
  readonly ref: string;
  /** What was pushed: `refs/coord-pushed/<endpoint>/<branch>`. */
  readonly pushedRef: string;
  readonly #objects: ObjectStore;
  readonly #history: ShallowHistory;
  readonly #git: PrivateGit;
  readonly #gitDir: string;
  readonly #endpoint: Endpoint;
  readonly #folder: string | null;
  readonly #branch: string;
  readonly #courtesy: Courtesy;
  readonly #traces: TraceFiles;
  readonly #timeout: Duration;

  constructor(settings: GitRemoteSettings) {
    const { git, gitDir, endpoint, folder, branch, objects, history, courtesy, traces, timeout } = settings;
    const name = `${endpoint.key}/${encodeURIComponent(branch)}`;
    this.ref = `refs/coord/${name}`;
    this.pushedRef = `refs/coord-pushed/${name}`;
    this.#objects = objects;
    this.#history = history;
    this.#git = git;
    this.#gitDir = gitDir;
    this.#endpoint = endpoint;
    this.#folder = folder;
    this.#branch = branch;
    this.#courtesy = courtesy;
    this.#traces = traces;
    this.#timeout = timeout;
  }

  async restsUntil(): Promise<Instant | null> {
    return this.#courtesy.restsUntil();
  }

  async knownTip(): Promise<Oid | null> {
    const [fetched, pushed] = [readRef(this.#gitDir, this.ref), readRef(this.#gitDir, this.pushedRef)];
    if (fetched === null || pushed === null || fetched === pushed) return pushed ?? fetched;
    const [before, after] = [await this.#seqOf(fetched), await this.#seqOf(pushed)];
    return after > before ? pushed : fetched;
  }

  /** Where a commit stands in the chain, which only grows: the later of two tips is the one with the higher seq. */
  async #seqOf(commit: Oid): Promise<number> {
    return (await readPosition(this.#objects, commit)).seq;
  }

  /** Before a fetch: what it brings must come after what was pushed, too, and git compares with one ref only. */
  async #catchUp(): Promise<void> {
    const [fetched, known] = [readRef(this.#gitDir, this.ref), await this.knownTip()];
    if (known === null || known === fetched) return;
    // Another process may be faster, or the ref cannot be written: then the fetch says so.
    await this.#git.run(updateRef(this.ref, fetched, known)).catch(() => {});
  }

  /** @throws GitFailure `sha256_remote`, `git_failed` (the local ref cannot be written) */
  async fetch(signal?: AbortSignal): Promise<FetchOutcome> {
    // A path that is not there now will not be there in a second.
    const retries = isLocalPath(this.#endpoint.url) ? 0 : RETRIES;
    const current = await this.#currentTip();
    if (current !== null) return { kind: "tip", tip: current };
    await this.#catchUp();
    try {
      return await pRetry(() => this.#fetchOnce(signal), {
        retries,
        minTimeout: 100,
        factor: 3,
        randomize: true,
        shouldRetry: ({ error }) => error instanceof Unreachable && !(error instanceof Resting) && !signal?.aborted,
        ...(signal && { signal }),
      });
    } catch (error) {
      if (error instanceof Unreachable) return { kind: "unreachable", words: error.message };
      if (signal?.aborted) return { kind: "unreachable", words: "stopped while waiting for an answer" };
      throw error;
    }
  }

  /**
   * The known tip, when a remote that can be looked at has nothing new and the tip is here (somebody may have cleared it
   * away). Null: git has to fetch.
   */
  async #currentTip(): Promise<Oid | null> {
    if (this.#folder === null) return null;
    const known = await this.knownTip();
    if (known === null || tipIn(this.#folder, this.#branch) !== known) return null;
    return this.#objects.readCommit(known).then(
      () => known,
      () => null,
    );
  }

  async #fetchOnce(signal: AbortSignal | undefined): Promise<FetchOutcome> {
    let result: GitResult | undefined;
    for (let attempt = 1; attempt <= CONTENDED; attempt++) {
      const isNew = attempt === 1 && (await this.knownTip()) === null;
      result = await (isNew ? this.#fetchNewest(signal) : this.#ask(fetch(REMOTE, this.#branch, this.ref), signal));
      if (result.ended !== "itself") throw new Unreachable(result.stderr);
      // First what is known here, then what is there: the remote's tip may only be that or come after it.
      const known = await this.knownTip();
      if (result.exitCode === 0 && known !== null) return { kind: "tip", tip: known };
      const there = await this.#ask(listRemote(REMOTE, this.#branch), signal);
      if (there.kind === "unreachable") throw new Unreachable(there.words || result.stderr);
      if (there.kind === "absent") return known === null ? there : { kind: "rewritten", known, remote: null };
      if (there.oid.length !== 40) throw new GitFailure({ code: "sha256_remote", remote: this.#endpoint.name });
      if (known === there.oid) return { kind: "tip", tip: known };
      const forward =
        known === null || (await this.#git.run(isAncestor(known, there.oid), { signal, timeout: this.#timeout }));
      if (known !== null && forward === false) return { kind: "rewritten", known, remote: there.oid };
      await sleep(Math.random() * 10 * attempt, undefined, signal && { signal });
    }
    throw gitFailed("fetch", result);
  }

  /** The first fetch. Where it does not work, as over dumb http, the next attempt fetches everything. */
  async #fetchNewest(signal: AbortSignal | undefined): Promise<GitResult> {
    return this.#history.exclusively(async () => {
      // Another process of this clone may have been first.
      const depth = (await this.knownTip()) === null ? FIRST_DEPTH : null;
      return this.#ask(fetch(REMOTE, this.#branch, this.ref, depth), signal);
    }, signal);
  }

  /** One exchange with the remote. @throws Resting when it wants to be left alone for longer than anybody waits */
  async #ask<T>(command: GitCommand<T>, signal: AbortSignal | undefined): Promise<T> {
    const answer = await this.#courtesy.exchange(signal, (env) =>
      this.#git.run(command, { signal, timeout: this.#timeout, env }),
    );
    if (answer === null) throw new Resting("");
    return answer.outcome;
  }

  async push(base: Oid | null, commit: Oid, signal?: AbortSignal): Promise<PushOutcome> {
    const receiver = this.#folder === null ? null : receiverOf(commit);
    const command = push(REMOTE, this.#branch, base, commit, this.pushedRef, receiver);
    return this.#courtesy.push(signal, async (variables) => {
      const { outcome, trace } = await this.#traces.during((file) => {
        // The plain trace: the structured one (GIT_TRACE2_EVENT) costs every claim a millisecond more.
        const env = { ...variables, ...(file !== null && { GIT_TRACE: file }) };
        return this.#git.run(command, { signal, timeout: this.#timeout, env });
      });
      return judgePush(outcome, readEvidence(trace));
    });
  }
}

class Unreachable extends Error {
  constructor(words: string) {
    super(words.trim());
  }
}

/** Nothing was asked, for the remote has had too many requests. */
class Resting extends Unreachable {}

function gitFailed(command: string, result: GitResult | undefined): GitFailure {
  const { exitCode = null, stderr = "" } = result ?? {};
  return new GitFailure({ code: "git_failed", command, exitCode, words: stderr.trim() });
}
