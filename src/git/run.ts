import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess } from "node:child_process";
import diagnostics from "node:diagnostics_channel";
import { stat } from "node:fs/promises";
import { constants } from "node:os";
import { simpleGit } from "simple-git";
import { gitEnvironment } from "./environment.ts";
import { GitFailure } from "./errors.ts";
import { PERMITTED } from "./permissions.ts";
import { type Ended, type Limits, watchOver } from "./watch-over.ts";

/** What came of one git process. A non-zero exit is a value: most of them are answers. */
export interface GitResult {
  /** Null when it was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** `aborted` or `timeout` when we ended it ourselves. */
  readonly ended: Ended;
}

/** One git command as data. */
export interface GitCommand<T> {
  readonly args: readonly string[];
  /** Text for its standard input. */
  readonly input?: string;
  readonly parse: (result: GitResult) => T;
}

export interface RunOptions extends Limits {
  readonly cwd: string;
  /** Added to the scrubbed environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
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
        unsafe: PERMITTED,
        allowEnvironment: Object.keys(env),
        input: () => input,
        // A connection that ssh keeps open for later holds git's stderr: then `close` comes only when it ends.
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
    // The system would not start it: too many processes, too long a command.
    throw notStarted(args, String(error));
  } finally {
    watch.stop();
    place.child?.stdout?.destroy();
    place.child?.stderr?.destroy();
  }
  const { exitCode, stdout, stderr } = result ?? { exitCode: null, stdout: "", stderr: "" };
  // Node gives the system's error number, negative, as the exit code of a process that was never there.
  if (exitCode !== null && exitCode < 0) {
    const { ENOENT, EACCES } = constants.errno;
    if (exitCode === -ENOENT || exitCode === -EACCES) throw new GitFailure({ code: "git_missing" });
    throw notStarted(args, stderr);
  }
  return { exitCode, stdout, stderr, ended: watch.ended() };
}

function notStarted([command = ""]: readonly string[], words: string): GitFailure {
  const [firstLine = ""] = words.split("\n");
  return new GitFailure({ code: "git_failed", command, exitCode: null, words: firstLine });
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8");
}
