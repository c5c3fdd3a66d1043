/** The program: gives the command line its process. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { Reported } from "./cli/exit.ts";
import type { CommonOptions, Surroundings } from "./cli/face.ts";
import { runCli } from "./cli/program.ts";
import { openCoordination } from "./composition.ts";
import { runEditor } from "./git/editor.ts";
import { isAlive, processWithId } from "./git/process-owner.ts";
import { longLivedParent } from "./process/ancestor.ts";
import { makeLauncher } from "./process/launcher.ts";

declare const GIT_COORD_VERSION: string;

const interrupt = new AbortController();
let interruptedBy: NodeJS.Signals | null = null;
/** While a command runs under our locks, signals are for the command. */
let passOn: ((signal: NodeJS.Signals) => void) | null = null;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, function heard() {
    if (passOn !== null) return passOn(signal);
    interruptedBy = signal;
    interrupt.abort(new Error(`interrupted by ${signal}`));
    // A second signal ends the process as usual, and the next command settles what was under way.
    process.off(signal, heard);
  });
}
// What else a command may want to hear, where the system has it; without a command they do what they always do.
const OTHER_SIGNALS: readonly NodeJS.Signals[] = ["SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"];

function listenFor(pass: typeof passOn): void {
  const before = passOn;
  passOn = pass;
  for (const signal of process.platform === "win32" ? [] : OTHER_SIGNALS) {
    if (before !== null) process.off(signal, before);
    if (pass !== null) process.on(signal, pass);
  }
}

// A reader that went away (`| head`) is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const flag = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);

const folderOf = ({ C = [] }: CommonOptions): string => resolve(...C);

const surroundings: Surroundings = {
  out: (data) => process.stdout.write(data),
  err: (message) => process.stderr.write(message),
  now: () => Date.now(),
  open: (options) =>
    openCoordination({
      cwd: folderOf(options),
      remote: options.remote ?? null,
      branch: options.branch ?? null,
      as: options.as ?? null,
      signal: interrupt.signal,
    }),
  readFile: readText,
  edit: editText,
  writeFile: writeText,
  setExitCode: (code) => {
    process.exitCode = code;
  },
  workshop: async (options) => (await import("./workshop.ts")).openWorkshop(folderOf(options)),
  serveMcp: async (options) => {
    const { serveMcp } = await import("./mcp/serve.ts");
    const open = (cwd: string) =>
      openCoordination({
        cwd,
        remote: options.remote ?? null,
        branch: options.branch ?? null,
        as: options.as ?? null,
        env: withoutPlaceholder(process.env),
      });
    const workshopIn = async (folder: string) => (await import("./workshop.ts")).openWorkshop(folder);
    await serveMcp({
      version: GIT_COORD_VERSION,
      folder: options.C === undefined ? null : folderOf(options),
      open,
      rootOf: async (folder) => (await workshopIn(folder)).projectRoot(),
      instructions: async () => (await workshopIn(process.cwd())).instructions(),
      report: (words) => process.stderr.write(`git-coord: ${words}\n`),
      stdin: process.stdin,
      stdout: process.stdout,
      interrupted: interrupt.signal,
    });
  },
  isTerminal: process.stderr.isTTY === true,
  interruptedBy: () => interruptedBy,
  launcher: (options) => makeLauncher({ cwd: folderOf(options), environment: process.env, onGroup: listenFor }),
  starter: () => longLivedParent(),
  watchProcess: async (pid) => {
    const owner = processWithId(pid);
    return async () => isAlive(owner, Date.now(), Date.now());
  },
  startKeepalive: (pid, id, { C = [], remote, branch }) => {
    const place = [...C.flatMap((dir) => ["-C", dir]), ...flag("--remote", remote), ...flag("--branch", branch)];
    const args = [process.argv[1] ?? "", ...place, "--as", id, "keepalive", "--pid", String(pid)];
    spawn(process.execPath, args, { detached: true, stdio: "ignore", windowsHide: true }).unref();
  },
};

/** A client that does not fill in `${env:COORD_ID}` when it is not set passes it on as it stands. */
function withoutPlaceholder(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env.COORD_ID?.startsWith("${") ? { ...env, COORD_ID: "" } : env;
}

async function readText(path: string, options: CommonOptions): Promise<string> {
  const bytes = await (path === "-" ? buffer(process.stdin) : readFile(resolve(folderOf(options), path))).catch(
    (error: Error) => {
      throw new Reported({
        code: "usage",
        message: `${path} cannot be read: ${error.message}`,
        hint: "Name a board file.",
      });
    },
  );
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Reported({
      code: "usage",
      message: `${path} is not UTF-8 text`,
      hint: "Save it as UTF-8 and try again.",
    });
  }
}

async function writeText(path: string, text: string, options: CommonOptions): Promise<void> {
  await writeFile(resolve(folderOf(options), path), text).catch((error: Error) => {
    const message = `${path} cannot be written: ${error.message}`;
    throw new Reported({ code: "usage", message, hint: "Name a file in a folder that is there." });
  });
}

async function editText(before: string, options: CommonOptions) {
  const folder = await mkdtemp(join(tmpdir(), "git-coord-"));
  const path = join(folder, "master_coordination.md");
  const discard = () => rm(folder, { recursive: true });
  await writeFile(path, before);
  await runEditor(folderOf(options), path, process.env).catch(async (error: Error) => {
    const isUntouched = (await readFile(path, "utf8").catch(() => null)) === before;
    if (isUntouched) await discard();
    const hint = "Set EDITOR to an editor that works here, or use `git coord board` and `git coord apply FILE`.";
    const message = isUntouched ? error.message : `${error.message}; your text is kept in ${path}`;
    throw new Reported({ code: "internal", message, hint });
  });
  return { text: await readText(path, options), path, discard };
}

/** Runs the command that this process was started with. A function, for what it loads on the way may be in the same file. */
export const runProgram = (): Promise<void> => runCli(surroundings, GIT_COORD_VERSION, process.argv.slice(2));
