import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect } from "vitest";
import { type Locking, lock, openCoordination } from "../../src/index.ts";
import { makeClone } from "../support/clone.ts";
import type { Prefix } from "../support/disks.ts";
import { rememberFolder } from "../support/prepared-folder.ts";
import { pathServer, type RemoteServer } from "../support/remote-server.ts";
import { openSandbox, type Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { built, PROGRAM } from "./built.ts";

export interface Ran {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The JSON document of a command. */
// biome-ignore lint/suspicious/noExplicitAny: a document is looked at field by field, as a caller in any language would
export type Answer = Record<string, any> & { readonly ok: boolean; readonly exit: number | null };

/** The exit codes of the contract. */
const EXIT: Readonly<Record<string, number>> = {
  ...{
    internal: 1,
    usage: 2,
    held: 3,
    not_found: 4,
    nothing_ready: 4,
    lost: 5,
    environment: 6,
    unknown: 7,
    bad_board: 8,
  },
};

/** One terminal: a folder and an environment, in which commands are run. */
export interface Window {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  git(...args: readonly string[]): Promise<string>;
  /** Runs `git-coord` with these arguments. */
  run(...args: readonly string[]): Promise<Ran>;
  /** The same with something on standard input. */
  feed(input: string | Uint8Array, ...args: readonly string[]): Promise<Ran>;
  /** Runs it with `--json` and expects what every document must be. */
  json(...args: readonly string[]): Promise<Answer>;
  /** The same terminal with some variables set. */
  with(env: Readonly<Record<string, string>>): Window;
  /** The same terminal, in which the program is started by something else. */
  through(prefix: Prefix): Window;
  /** The same terminal in another folder. */
  in(path: string): Window;
}

export function openWindow(
  sandbox: Sandbox,
  path: string,
  env: Readonly<Record<string, string>>,
  prefix: Prefix = [],
): Window {
  const window: Window = {
    path,
    env,
    git: (...args) => sandbox.git(path, ...args),
    run: (...args) => window.feed("", ...args),
    feed: (input, ...args) => runProgram(path, env, [...prefix, process.execPath, PROGRAM, ...args], input),
    json: async (...args) => answerOf(await window.run(...args, "--json")),
    with: (more) => openWindow(sandbox, path, { ...env, ...more }, prefix),
    through: (other) => openWindow(sandbox, path, env, other),
    in: (folder) => openWindow(sandbox, folder, env, prefix),
  };
  return window;
}

async function runProgram(
  cwd: string,
  env: Readonly<Record<string, string>>,
  [program = "", ...args]: readonly string[],
  input: string | Uint8Array,
): Promise<Ran> {
  await built();
  const child = spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => {}).end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { exit: child.exitCode, stdout, stderr };
}

/** One document on one line and nothing else; its `ok` and `code` agree with the exit code. */
export function answerOf({ exit, stdout, stderr }: Ran): Answer {
  expect(stdout.endsWith("\n") && stdout.trimEnd().split("\n").length === 1, `one line, not: ${stdout}${stderr}`).toBe(
    true,
  );
  const answer = { ...JSON.parse(stdout), exit };
  if (answer.ok) {
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(answer).toMatchObject({ seq: expect.any(Number), commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
  } else {
    expect(EXIT[answer.code], `exit code of ${answer.code}`).toBe(exit);
    expect(answer).toMatchObject({ message: expect.stringMatching(/\S/), hint: expect.toSatisfy(isTextOrNull) });
  }
  return answer;
}

const isTextOrNull = (value: unknown) => value === null || typeof value === "string";

export interface Scene {
  readonly sandbox: Sandbox;
  readonly server: RemoteServer;
  /** Two clones; nobody has an id in either. */
  readonly here: Window;
  readonly there: Window;
}

/** Two clones of a server that has no coordination branch. */
export async function strangers(): Promise<Scene> {
  return sceneIn(await testSandbox());
}

export async function sceneIn(sandbox: Sandbox): Promise<Scene> {
  const server = await pathServer(sandbox);
  const [here, there] = await Promise.all(
    [0, 1].map(async () => {
      const { path, env } = await makeClone(sandbox, server);
      return openWindow(sandbox, path, env);
    }),
  );
  if (!here || !there) throw new Error("unreachable");
  return { sandbox, server, here, there };
}

export interface Team extends Scene {
  readonly ana: Window;
  readonly bob: Window;
}

/** Two clones with a fresh board, in which ana works here and bob there. */
export async function team(): Promise<Team> {
  return teamIn(await testSandbox());
}

async function teamIn(sandbox: Sandbox): Promise<Team> {
  const scene = await sceneIn(sandbox);
  await found(scene);
  return { ...scene, ana: scene.here.with({ COORD_ID: "ana" }), bob: scene.there.with({ COORD_ID: "bob" }) };
}

/**
 * A scene that costs several commands, made once for all tests of a file: each test finds it as it was made.
 * @param prepare what is the same for all of them
 */
export function preparedTeam(prepare: (team: Team) => Promise<unknown>): () => Promise<Team> {
  let sandbox: Sandbox;
  let made: Team;
  let restore: () => Promise<void>;
  beforeAll(async () => {
    sandbox = await openSandbox();
    made = await teamIn(sandbox);
    await prepare(made);
    restore = await rememberFolder(made.sandbox.path);
  });
  afterAll(() => sandbox.dispose());
  return async () => {
    await restore();
    return made;
  };
}

/** Takes locks as `lock` does, but in this process: for scenes in which that is not the point. */
export async function hold(window: Window, wish: Locking): Promise<{ readonly commit: string }> {
  const outcome = await lock(await openCoordination({ cwd: window.path, env: window.env }), wish);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return { commit: outcome.commit };
}

/** The branch as `init` makes it. One process a file is enough: further servers get a copy. */
let founded: Buffer | undefined;

async function found({ sandbox, server, here }: Scene): Promise<void> {
  const bundle = join(sandbox.path, "founded.bundle");
  if (founded === undefined) {
    expect(await here.json("init")).toMatchObject({ ok: true, created: true });
    await sandbox.git(server.path, "bundle", "create", "--quiet", bundle, "coordination");
    founded = await readFile(bundle);
  } else {
    await writeFile(bundle, founded);
    await sandbox.git(server.path, "fetch", "--quiet", bundle, "coordination:coordination");
  }
}

export const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
export const OID = expect.stringMatching(/^[0-9a-f]{40}$/);
