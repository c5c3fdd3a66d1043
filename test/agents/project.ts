import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { openWindow, type Window } from "../cli/window.ts";
import { makeClone } from "../support/clone.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";

/** A project on disk, and the command line in it. */
export interface Project {
  readonly sandbox: Sandbox;
  readonly window: Window;
  /** Null when there is no such file. */
  read(path: string): Promise<string | null>;
  write(path: string, text: string): Promise<void>;
  /** Runs a command that works on files, and returns its one JSON document with the exit code. */
  // biome-ignore lint/suspicious/noExplicitAny: a document is looked at field by field
  local(...args: readonly string[]): Promise<any>;
}

export async function project(): Promise<Project> {
  const sandbox = await testSandbox();
  const { path, env } = await makeClone(sandbox, null);
  const window = openWindow(sandbox, path, env);
  return {
    sandbox,
    window,
    read: (name) => readFile(join(path, name), "utf8").catch(() => null),
    async write(name, text) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text);
    },
    async local(...args) {
      const { exit, stdout, stderr } = await window.run(...args, "--json");
      expect(stderr).toBe("");
      expect(stdout.trimEnd().split("\n")).toHaveLength(1);
      const document = JSON.parse(stdout);
      expect(document.ok).toBe(exit === 0);
      return { ...document, exit };
    },
  };
}
