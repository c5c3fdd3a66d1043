import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants, writeFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { readEntry } from "../ledger/entry.ts";
import { LedgerFailure } from "../ledger/failure.ts";
import type { ObjectStore, Oid, PushOutcome, Remote } from "../ledger/ports.ts";
import { readIfThere, removeFile } from "./atomic-file.ts";
import { type CodeRef, pushTogether, type TogetherReport } from "./commands/push-together.ts";
import type { Courtesy } from "./courtesy.ts";
import { type Repository, workingDirectory } from "./discover.ts";
import type { Endpoint } from "./endpoint.ts";
import { GitFailure } from "./errors.ts";
import { type PrivateGit, REMOTE } from "./private-git.ts";
import { coordFolder } from "./private-repository.ts";
import { judgePush } from "./push-outcome.ts";
import { readEvidence, type SendEvidence } from "./push-trace.ts";
import type { Git } from "./run.ts";
import type { TraceFiles } from "./trace-file.ts";

/** One ref that is to be pushed, as the user named it. */
export interface WantedRef extends CodeRef {
  /** What git said of it in the end. */
  readonly source: string;
}

export interface CodePushPlace {
  readonly git: Git;
  readonly own: PrivateGit;
  readonly repository: Repository;
  readonly endpoint: Endpoint;
  readonly branch: string;
  readonly objects: ObjectStore;
  readonly remote: Remote;
  readonly courtesy: Courtesy;
  readonly traces: TraceFiles;
  /** Where the ledger's tip stands after a push (git-remote.ts). */
  readonly pushedRef: string;
}

const TIMEOUT = 600_000;

/** Pushes code from the user's repository together with commits of the ledger, in one atomic push (DESIGN 8). */
export class CodePush {
  readonly #place: CodePushPlace;

  constructor(place: CodePushPlace) {
    this.#place = place;
  }

  /** Whether a remote that the user names is the one that the ledger is on: only then can one push carry both. */
  isBoardRemote(name: string): boolean {
    const { endpoint, repository } = this.#place;
    if (name === endpoint.name) return true;
    const url = repository.config.all(`remote.${name}.pushurl`)[0] ?? repository.config.get(`remote.${name}.url`);
    return (url ?? name) === endpoint.url;
  }

  /**
   * Reads refspecs as `git push` does; without any, the current branch to one of the same name.
   * @returns null for a refspec that names nothing
   */
  async resolve(refspecs: readonly string[]): Promise<readonly WantedRef[] | null> {
    const head = await this.#rev("--symbolic-full-name", "HEAD");
    const wanted = refspecs.length > 0 ? refspecs : head?.startsWith("refs/heads/") ? [head] : [];
    const refs = await Promise.all(wanted.map((refspec) => this.#resolveOne(refspec)));
    return refs.length === 0 || refs.includes(null) ? null : (refs as WantedRef[]);
  }

  async #resolveOne(refspec: string): Promise<WantedRef | null> {
    const force = refspec.startsWith("+");
    const [source = "", target, ...more] = (force ? refspec.slice(1) : refspec).split(":");
    if (source === "" || source.startsWith("-") || target === "" || more.length > 0) return null;
    const oid = await this.#rev("--verify", "--quiet", source);
    const full = await this.#rev("--symbolic-full-name", source);
    const ref = target === undefined ? full : target.startsWith("refs/") ? target : `refs/heads/${target}`;
    if (oid === null || !ref?.startsWith("refs/") || !(await this.#isRefName(ref))) return null;
    return { source, ref, oid, force };
  }

  async #isRefName(ref: string): Promise<boolean> {
    const { git, repository } = this.#place;
    const parse = ({ exitCode }: { exitCode: number | null }) => exitCode === 0;
    return git.run({ args: ["check-ref-format", ref], parse }, { cwd: workingDirectory(repository) });
  }

  async #rev(...args: string[]): Promise<string | null> {
    const { git, repository } = this.#place;
    const parse = ({ exitCode, stdout }: { exitCode: number | null; stdout: string }) =>
      exitCode === 0 ? stdout.trim().split("\n").at(-1) || null : null;
    return git.run({ args: ["rev-parse", ...args], parse }, { cwd: workingDirectory(repository) });
  }

  /**
   * Asks the repository's own `pre-push` hook, ours among them, as `git push` would.
   * @returns what it said when it refuses; null when the push may go on
   */
  async askHook(remote: string, refs: readonly WantedRef[], env: Readonly<NodeJS.ProcessEnv>): Promise<string | null> {
    const { repository, endpoint } = this.#place;
    const cwd = workingDirectory(repository);
    const configured = repository.config.get("core.hooksPath")?.replace(/^~(?=\/)/, homedir());
    const folder = configured ?? join(repository.commonDir, "hooks");
    const hook = resolve(cwd, folder, "pre-push");
    if (
      !(await access(hook, constants.X_OK).then(
        () => true,
        () => false,
      ))
    )
      return null;
    const lines = await Promise.all(
      refs.map(async ({ source, oid, ref }) => `${source} ${oid} ${ref} ${await this.#there(remote, ref)}\n`),
    );
    const child = spawn(hook, [remote, endpoint.url], { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.on("error", () => {}).end(lines.join(""));
    const [said, complained, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done)),
    ]);
    return code === 0 ? null : `${said}${complained}`.trim() || `the hook ${hook} refuses it`;
  }

  /** Where the remote's ref was when it was last seen. */
  async #there(remote: string, ref: string): Promise<string> {
    const tracking = ref.replace(/^refs\/heads\//, `refs/remotes/${remote}/`);
    return (await this.#rev("--verify", "--quiet", tracking)) ?? "0".repeat(40);
  }

  /** The ledger's remote, whose every push also carries the code; a barrier, which settles a push in doubt, does not. */
  carrying(refs: readonly WantedRef[]): Remote {
    const { remote, objects } = this.#place;
    return {
      knownTip: () => remote.knownTip(),
      fetch: (signal) => remote.fetch(signal),
      restsUntil: () => remote.restsUntil(),
      push: async (base, commit, signal) => {
        const reading = readEntry((await objects.readCommit(commit)).message);
        const isBarrier = reading.kind === "entry" && reading.entry.op === "barrier";
        return isBarrier ? remote.push(base, commit, signal) : this.#push(refs, base, commit, signal);
      },
    };
  }

  async #push(
    refs: readonly WantedRef[],
    base: Oid | null,
    commit: Oid,
    signal: AbortSignal | undefined,
  ): Promise<PushOutcome> {
    const { own, branch, pushedRef, courtesy, traces } = this.#place;
    const command = pushTogether(REMOTE, branch, base, commit, refs, pushedRef);
    return courtesy.push(signal, async (variables) => {
      const { outcome, trace } = await this.#withUsersObjects((objects) =>
        traces.during((file) => {
          const env = { ...variables, ...(file !== null && { GIT_TRACE: file }), ...objects };
          return own.run(command, { signal, timeout: TIMEOUT, env });
        }),
      );
      return judgeTogether(outcome, readEvidence(trace));
    });
  }

  /** The private repository has the ledger, the user's has the code: for this push, git sees both. */
  async #withUsersObjects<T>(push: (env: Record<string, string>) => Promise<T>): Promise<T> {
    const { commonDir } = this.#place.repository;
    const objects = { GIT_ALTERNATE_OBJECT_DIRECTORIES: quotedPath(join(commonDir, "objects")) };
    const theirs = readIfThere(join(commonDir, "shallow"));
    if (theirs === null) return push(objects);
    // Either may be a shallow clone, and git reads one file about both.
    const folder = coordFolder(this.#place.repository);
    const both = join(folder.path, `shallow.${randomBytes(9).toString("hex")}`);
    try {
      writeFileSync(both, theirs + (readIfThere(join(folder.repository, "shallow")) ?? ""));
      return await push({ ...objects, GIT_SHALLOW_FILE: both });
    } finally {
      removeFile(both);
    }
  }

  /** What `git push` does after a success: the user's own note of where the remote's branches are. */
  async noteTracking(remote: string, refs: readonly WantedRef[]): Promise<void> {
    const { git, repository } = this.#place;
    if (!repository.config.remotes().includes(remote)) return;
    const lines = refs
      .filter(({ ref }) => ref.startsWith("refs/heads/"))
      .map(({ ref, oid }) => `update ${ref.replace("refs/heads/", `refs/remotes/${remote}/`)} ${oid}\n`);
    const command = { args: ["update-ref", "--stdin"], input: `start\n${lines.join("")}commit\n`, parse: () => null };
    // The push has landed: a note that is missing is made by the next fetch.
    await git.run(command, { cwd: workingDirectory(repository) }).catch((error: unknown) => {
      if (!(error instanceof GitFailure)) throw error;
    });
  }
}

/** What git said about the ledger's part. @throws LedgerFailure `remote_refused` when it was the code that was refused */
function judgeTogether(report: TogetherReport, evidence: SendEvidence): PushOutcome {
  const refused = [...report.code].find(([, { flag, summary }]) => flag === "!" && isOwnFault(summary));
  // No race about the board: deciding the renewal again would change nothing about the code.
  if (refused && report.row?.flag === "!") {
    const words = `${refused[0]}: ${refused[1].summary}\n${report.result.stderr.trim()}`;
    throw new LedgerFailure({ code: "remote_refused", words });
  }
  return judgePush(report, evidence);
}

/** Git's own words in brackets tell a ref that was refused from one that only shared the fate of another. */
function isOwnFault(summary: string): boolean {
  return !/atomic (push|transaction) fail|stale info/.test(summary);
}

/** A path as git reads it in a list. */
function quotedPath(path: string): string {
  return /["\\:;]/.test(path) ? `"${path.replace(/["\\]/g, "\\$&")}"` : path;
}
