import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess } from "node:child_process";
import diagnostics from "node:diagnostics_channel";
import { stat } from "node:fs/promises";
import { type SimpleGitOptions, simpleGit } from "simple-git";
import type { Duration } from "../domain/instant.ts";
import { gitEnvironment } from "./environment.ts";
import { GitFailure } from "./errors.ts";
import { clientDescendants } from "./process-tree.ts";

/** What came of one git process. A non-zero exit is a value: most of them are answers. */
export interface GitResult {
  /** Null when it was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** `aborted` or `timeout` when we ended it ourselves. */
  readonly ended: "itself" | "aborted" | "timeout";
}

/** One git command as data. */
export interface GitCommand<T> {
  readonly args: readonly string[];
  /** Text for its standard input. */
  readonly input?: string;
  readonly parse: (result: GitResult) => T;
}

export interface RunOptions {
  readonly cwd: string;
  /** Added to the scrubbed environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole process, however much it prints. None: no limit. */
  readonly timeout?: Duration | undefined;
}

/** Starts git. The only thing in the program that does. */
export interface Git {
  /** The environment that git is started with, before what a single call adds. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * @throws GitFailure `git_missing`, `no_such_directory`; the signal's reason when it was aborted already.
   */
  run<T>(command: GitCommand<T>, options: RunOptions): Promise<T>;
}

export interface GitSettings {
  /** The environment of this process; only what git may see of it is passed on. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Told of each git process that is started. */
  readonly onSpawn?: ((args: readonly string[]) => void) | undefined;
}

/** Milliseconds after which a git that ignores the request to end is ended without asking. */
const GRACE: Duration = 2000;

/**
 * simple-git refuses by default what could be harmful in the hands of whoever chooses the arguments. Here only
 * this folder chooses them, and the user's own transport settings must pass.
 */
const UNSAFE: NonNullable<SimpleGitOptions["unsafe"]> = {
  allowUnsafeAlias: true,
  allowUnsafeAskPass: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeCommandBinaries: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeDiffTextConv: true,
  allowUnsafeEditor: true,
  allowUnsafeExec: true,
  allowUnsafeFilter: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGitProxy: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeHooksPath: true,
  allowUnsafeInclude: true,
  allowUnsafeMergeDriver: true,
  allowUnsafePack: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
  allowUnsafeSubmodule: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeUrlRewrite: true,
  // Otherwise simple-git sets a variable that hooks of a remote on this machine would inherit.
  allowAbbreviatedOptions: true,
};

/** simple-git hands out no process; node announces each one in the context that asked for it. */
const running = new AsyncLocalStorage<{ child: ChildProcess | null }>();
diagnostics.subscribe("child_process", (message) => {
  const place = running.getStore();
  if (place) place.child = (message as { process: ChildProcess }).process;
});

export function createGit({ environment, onSpawn }: GitSettings): Git {
  const scrubbed = gitEnvironment(environment);
  return {
    environment: scrubbed,
    async run(command, options) {
      options.signal?.throwIfAborted();
      onSpawn?.(command.args);
      return command.parse(await start(command, { ...scrubbed, ...options.env }, options));
    },
  };
}

async function start(
  { args, input }: Pick<GitCommand<unknown>, "args" | "input">,
  env: Record<string, string>,
  options: RunOptions,
): Promise<GitResult> {
  const place: { child: ChildProcess | null } = { child: null };
  let result: Pick<GitResult, "exitCode" | "stdout" | "stderr"> | null = null;
  const watch = watchOver(place, options);
  try {
    await running.run(place, () =>
      simpleGit({
        baseDir: options.cwd,
        unsafe: UNSAFE,
        allowEnvironment: Object.keys(env),
        // A connection that ssh keeps open for later holds git's stderr: then `close` comes only when it ends.
        input: () => input,
        completion: { onClose: true, onExit: 100 },
        errors(_, { exitCode, stdOut, stdErr }) {
          result = { exitCode, stdout: text(stdOut), stderr: text(stdErr) };
          return undefined;
        },
      })
        .env(env)
        .raw([...args]),
    );
  } catch (error) {
    if (!(await stat(options.cwd).catch(() => null))?.isDirectory())
      throw new GitFailure({ code: "no_such_directory", directory: options.cwd });
    throw error;
  } finally {
    watch.stop();
    place.child?.stdout?.destroy();
    place.child?.stderr?.destroy();
  }
  const { exitCode, stdout, stderr } = result ?? { exitCode: null, stdout: "", stderr: "" };
  if (exitCode !== null && exitCode < 0) throw new GitFailure({ code: "git_missing" });
  return { exitCode, stdout, stderr, ended: watch.ended() };
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8");
}

/** Ends the process and what it started when the signal or the time says so. */
function watchOver(place: { readonly child: ChildProcess | null }, { signal, timeout }: RunOptions) {
  let ended: GitResult["ended"] = "itself";
  let grace: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = async (why: "aborted" | "timeout"): Promise<void> => {
    const child = place.child;
    if (ended !== "itself") return;
    if (!child?.pid) {
      // Asked for, but not started yet.
      clearTimeout(timer);
      timer = setTimeout(() => void end(why), 1);
      return;
    }
    ended = why;
    grace = setTimeout(() => child.kill("SIGKILL"), GRACE);
    // First who is there, then the end: once git is gone, its children are nobody's.
    const descendants = await clientDescendants(child.pid);
    child.kill("SIGTERM");
    for (const pid of descendants) terminate(pid);
  };
  const abort = () => void end("aborted");
  signal?.addEventListener("abort", abort);
  if (timeout !== undefined) timer = setTimeout(() => void end("timeout"), timeout);
  return {
    ended: () => ended,
    stop() {
      clearTimeout(timer);
      clearTimeout(grace);
      signal?.removeEventListener("abort", abort);
    },
  };
}

function terminate(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It ended by itself meanwhile.
  }
}
