import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** A folder of its own with a git that knows nothing of the machine it runs on. */
export interface Sandbox {
  readonly path: string;
  /** Environment for git and for the program under test: own HOME, own global settings, no system settings. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs git and returns what it printed, trimmed. Rejects when git fails. */
  git(cwd: string, ...args: readonly string[]): Promise<string>;
  /** Will be run by `dispose`, the last one first. */
  defer(cleanup: () => unknown): void;
  dispose(): Promise<void>;
}

/** For `beforeAll` and benchmarks; in a test, `testSandbox` disposes of it by itself. */
export async function openSandbox(): Promise<Sandbox> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "git-coord-test-")));
  const home = join(path, "home");
  await mkdir(home);
  const global = join(home, "gitconfig");
  await writeFile(global, "[user]\n\tname = Test\n\temail = test@example.invalid\n[init]\n\tdefaultBranch = main\n");
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: global,
    LC_ALL: "C",
  };
  const cleanups: (() => unknown)[] = [];
  return {
    path,
    env,
    async git(cwd, ...args) {
      const { stdout } = await exec("git", args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });
      return stdout.trimEnd();
    },
    defer: (cleanup) => cleanups.push(cleanup),
    async dispose() {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
