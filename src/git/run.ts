import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { gitEnvironment } from "./environment.ts";
import { GitFailure } from "./errors.ts";
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
  /** Variables that are passed on all the same: in a hook, those about its caller's repository. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Told of each git process that is started. */
  readonly onSpawn?: ((args: readonly string[]) => void) | undefined;
}

export function createGit({ environment, keep = {}, onSpawn }: GitSettings): Git {
  const scrubbed = { ...gitEnvironment(environment), ...keep };
  return {
    environment: scrubbed,
    async run(command, options) {
      options.signal?.throwIfAborted();
      onSpawn?.(command.args);
      return command.parse(await start(command, { ...scrubbed, ...options.env }, options));
    },
  };
}

/** Milliseconds to wait for what a git that has ended may still have to say. */
const LAST_WORDS = 100;

async function start(
  { args, input }: Pick<GitCommand<unknown>, "args" | "input">,
  env: Record<string, string>,
  options: RunOptions,
): Promise<GitResult> {
  const child = spawnGit(args, input === undefined ? "ignore" : "pipe", env, options);
  const watch = watchOver({ child }, options);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  // A git that does not want to read all of it says in its own words why.
  child.stdin?.on("error", () => {}).end(input);
  let lastWords: NodeJS.Timeout | undefined;
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on("error", (error) => reject(notStarted(error, args, options)));
      // An ssh connection that stays open for later holds git's output open: then `close` comes only when it ends.
      child.on("exit", (code) => {
        lastWords = setTimeout(() => resolve(code), LAST_WORDS);
      });
      child.on("close", resolve);
    });
    return { exitCode, stdout: stdout(), stderr: stderr(), ended: watch.ended() };
  } finally {
    clearTimeout(lastWords);
    watch.stop();
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function spawnGit(
  args: readonly string[],
  stdin: "ignore" | "pipe",
  env: Record<string, string>,
  options: RunOptions,
): ChildProcess {
  try {
    return spawn("git", args, { cwd: options.cwd, env, stdio: [stdin, "pipe", "pipe"], windowsHide: true });
  } catch (error) {
    throw notStarted(error, args, options);
  }
}

/** Gathers what a stream says. @returns what it has said so far; nothing of a process that was not started */
function collect(stream: ChildProcess["stdout"]): () => string {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
}

/** The system would not start it: no git, no such folder, too many processes, too long a command. */
function notStarted(error: unknown, [command = ""]: readonly string[], { cwd }: RunOptions): GitFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!isDirectory(cwd)) return new GitFailure({ code: "no_such_directory", directory: cwd });
  if (code === "ENOENT" || code === "EACCES") return new GitFailure({ code: "git_missing" });
  return new GitFailure({ code: "git_failed", command, exitCode: null, words: message });
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Also a path that no system takes: with a NUL in it.
    return false;
  }
}
