import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import type { Ran, Window } from "./window.ts";

/** Runs git as somebody in a terminal does: with the window's environment, so that hooks see it. */
export async function git(window: Window, ...args: readonly string[]): Promise<Ran> {
  const child = spawn("git", args, { cwd: window.path, env: window.env, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { exit: child.exitCode, stdout, stderr };
}

/** Expects git to do it. */
export async function does(window: Window, ...args: readonly string[]): Promise<string> {
  const ran = await git(window, ...args);
  expect(ran.exit, `git ${args.join(" ")}: ${ran.stderr}`).toBe(0);
  return ran.stdout.trimEnd();
}

/** Expects it to be refused with these words. */
export async function refuses(window: Window, words: string, ...args: readonly string[]): Promise<void> {
  const ran = await git(window, ...args);
  expect(ran, `git ${args.join(" ")}`).toMatchObject({ exit: expect.toSatisfy((code) => code !== 0) });
  expect(ran.stderr).toContain(words);
}

/** Writes files and puts them into the index. */
export async function stage(window: Window, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(window.path, dirname(path)), { recursive: true });
    await writeFile(join(window.path, path), content);
  }
  await does(window, "add", "--", ...Object.keys(files));
}

/** One commit of these files, past the hooks. */
export async function commit(window: Window, files: Readonly<Record<string, string>>, message: string): Promise<void> {
  await stage(window, files);
  await does(window, "commit", "--quiet", "--no-verify", "-m", message);
}
