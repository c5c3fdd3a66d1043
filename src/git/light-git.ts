import { spawn } from "node:child_process";
import { constants } from "node:os";
import { gitEnvironment } from "./environment.ts";
import { GitFailure } from "./errors.ts";
import type { Git, GitResult } from "./run.ts";
import { watchOver } from "./watch-over.ts";

/** What a git that runs a hook tells it about the repository, the index and the objects of a push. */
const OF_THE_CALLER = [
  "GIT_DIR",
  "GIT_COMMON_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_QUARANTINE_PATH",
];

/** The variables of a hook's caller, for the calls that are about the caller's repository. */
export function callersEnvironment(from: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  return Object.fromEntries(
    OF_THE_CALLER.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name] as string]])),
  );
}

/**
 * Starts git with node's own means: for hooks, where loading simple-git would cost more than the git does.
 * @param keep variables that are not scrubbed from the environment
 */
export function createLightGit(from: Readonly<NodeJS.ProcessEnv>, keep: Readonly<Record<string, string>> = {}): Git {
  const environment = { ...gitEnvironment(from), ...keep };
  return {
    environment,
    run: async (command, options) => {
      options.signal?.throwIfAborted();
      const env = { ...environment, ...options.env };
      return command.parse(await start(command.args, command.input, { ...options, env }));
    },
  };
}

type Options = Parameters<Git["run"]>[1] & { readonly env: Record<string, string> };

async function start(args: readonly string[], input: string | undefined, options: Options): Promise<GitResult> {
  const child = spawn("git", args, { cwd: options.cwd, env: options.env });
  const watch = watchOver({ child }, options);
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => {}).end(input);
  let grace: NodeJS.Timeout | undefined;
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on("error", (error: NodeJS.ErrnoException) => reject(notStarted(error, args)));
      // An ssh connection that stays open for later holds git's output open, too.
      child.on("exit", (code) => {
        grace = setTimeout(() => resolve(code), 100);
      });
      child.on("close", (code) => resolve(code));
    });
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
    return { exitCode, stdout: text(stdout), stderr: text(stderr), ended: watch.ended() };
  } finally {
    clearTimeout(grace);
    watch.stop();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function notStarted(error: NodeJS.ErrnoException, [command = ""]: readonly string[]): GitFailure {
  const { ENOENT, EACCES } = constants.errno;
  if (error.errno === -ENOENT || error.errno === -EACCES) return new GitFailure({ code: "git_missing" });
  return new GitFailure({ code: "git_failed", command, exitCode: null, words: error.message });
}
