import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Clone } from "../../support/clone.ts";
import type { Sandbox } from "../../support/sandbox.ts";

/** The built program and the built library: what users get. */
export const PROGRAM = fileURLToPath(new URL("../../../dist/git-coord.cjs", import.meta.url));
export const LIBRARY = new URL("../../../dist/index.js", import.meta.url).href;

const STARTING_LINE = fileURLToPath(new URL("./starting-line.mjs", import.meta.url));

type Environment = Readonly<Record<string, string>>;

/** What a process of the program came to. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly exit: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The JSON document on standard output. Throws when there is not exactly one. */
  // biome-ignore lint/suspicious/noExplicitAny: each command has a document of its own, which the test looks into
  readonly json: any;
}

export interface Running {
  readonly process: ChildProcess;
  /** SIGKILL; with `group`, to its git as well. */
  readonly kill: () => void;
  readonly ended: Promise<Ended>;
}

/** Where a command is run and by whom. */
export interface Window {
  readonly clone: Pick<Clone, "path" | "env">;
  readonly id: string;
}

export interface Start {
  readonly env?: Environment;
  /** Options of node itself. */
  readonly node?: readonly string[];
  /** In a process group of its own, so that it can be killed together with its git. */
  readonly group?: boolean;
}

/** Starts the program as a process of its own. */
export function start(sandbox: Sandbox, window: Window, args: readonly string[], how: Start = {}): Running {
  return launch(sandbox, window, [...(how.node ?? []), PROGRAM, ...args], how);
}

/** Runs one command of the program, cold, to its end. */
export function coord(sandbox: Sandbox, window: Window, ...args: readonly string[]): Promise<Ended> {
  return start(sandbox, window, args).ended;
}

/** The same command with `--json`. */
export function coordJson(sandbox: Sandbox, window: Window, ...args: readonly string[]): Promise<Ended> {
  return coord(sandbox, window, "--json", ...args);
}

export interface Entrant {
  readonly window: Window;
  readonly args: readonly string[];
}

/**
 * Runs many commands at the same moment: the processes start, wait until all of them are up, and then go.
 * @returns how each ended, in the order given
 */
export async function race(sandbox: Sandbox, entrants: readonly Entrant[], env: Environment = {}): Promise<Ended[]> {
  const runners = entrants.map(({ window, args }) => {
    const running = launch(sandbox, window, [STARTING_LINE, PROGRAM, ...args], { env }, "pipe");
    const { stdin, stdout } = running.process;
    // A runner that falls at the start is no reason to wait; its end tells why.
    return { ...running, stdin, ready: Promise.race([stdout && once(stdout, "data"), running.ended]) };
  });
  await Promise.all(runners.map(({ ready }) => ready));
  for (const { stdin } of runners) stdin?.end();
  const ends = await Promise.all(runners.map(({ ended }) => ended));
  return ends.map(({ exit, signal, stdout, stderr }) => {
    return asEnded({ exit, signal, stdout: stdout.replace(/^ready\n/, ""), stderr });
  });
}

function launch(
  sandbox: Sandbox,
  { clone, id }: Window,
  args: readonly string[],
  { env = {}, group = false }: Start,
  stdin: "pipe" | "ignore" = "ignore",
): Running {
  const child = spawn(process.execPath, args, {
    cwd: clone.path,
    env: { ...clone.env, TMPDIR: sandbox.path, COORD_ID: id, ...env },
    stdio: [stdin, "pipe", "pipe"],
    detached: group,
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const kill = () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(group ? -child.pid : child.pid, "SIGKILL");
  };
  sandbox.defer(kill);
  // Not `close`: a git that outlives a killed program keeps its output open.
  const ended = once(child, "exit").then(async ([exit, signal]: (number | string | null)[]) => {
    const outputs = [child.stdout, child.stderr].filter((stream) => stream !== null && !stream.closed);
    if (signal === null) await Promise.all(outputs.map((stream) => stream && once(stream, "close")));
    return asEnded({ exit: exit as number | null, signal: signal as string | null, ...texts });
  });
  return { process: child, ended, kill };
}

function asEnded(plain: Omit<Ended, "json">): Ended {
  return {
    ...plain,
    get json() {
      const { exit, signal, stdout, stderr } = plain;
      try {
        return JSON.parse(stdout);
      } catch {
        throw new Error(`no JSON document: exit ${exit ?? signal}\n${stdout}\n${stderr}`);
      }
    },
  };
}
