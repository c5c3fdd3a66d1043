import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import type { Duration } from "../domain/instant.ts";

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** The kernel's letter: `T` is stopped, `Z` has ended. */
  readonly state: string;
  readonly command: readonly string[];
}

/** Milliseconds to wait at most until all processes of a tree have stopped. */
const STOPPING: Duration = 1000;

/**
 * Ends a process and all that it started. The tree is stopped first, so that nothing is started behind our
 * back while we look for it: what is left when its parent has gone is nobody's any more.
 */
export async function endTree(root: number): Promise<void> {
  const asked = new Set([root]);
  send(root, "SIGSTOP");
  let stood = false;
  for (const end = performance.now() + STOPPING; performance.now() < end; ) {
    const tree = clientTree(root, await processes());
    const found = tree.filter(({ pid }) => !asked.has(pid));
    for (const { pid } of found) {
      send(pid, "SIGSTOP");
      asked.add(pid);
    }
    // Being asked is not enough: what is in the middle of starting another process will finish that first.
    const busy = await Promise.all(tree.map(isStartingAnother));
    // Stopped there, it would start it as soon as it goes on, and be gone before anybody could see it.
    for (const { pid } of tree.filter((_, index) => busy[index])) for (const signal of ONE_STEP) send(pid, signal);
    const stands = found.length === 0 && !busy.includes(true) && tree.every(({ state }) => /^[TtZX]/.test(state));
    // Twice: a process may have been started after the list was begun and before its parent was looked at.
    if (stands && stood) break;
    stood = stands;
  }
  for (const pid of asked) {
    send(pid, "SIGTERM");
    send(pid, "SIGCONT");
  }
}

/**
 * A process and those below it, without those that are the server's side of a remote on this machine: ending a
 * `git receive-pack` could leave its lock file behind, and that blocks everybody (FAILURES 4).
 */
function clientTree(root: number, rows: readonly ProcessRow[]): ProcessRow[] {
  const tree = new Set([root]);
  for (let size = 0; size < tree.size; ) {
    size = tree.size;
    for (const row of rows) if (tree.has(row.parent) && !isServerSide(row.command)) tree.add(row.pid);
  }
  return rows.filter(({ pid }) => tree.has(pid));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile, or the system has no such signal.
  }
}

/** `git-receive-pack …`, `git -c … receive-pack …`, or the shell that is about to become one of them. */
function isServerSide([program = "", ...args]: readonly string[]): boolean {
  const name = basename(program);
  // `ps` has taken the words of the command apart already.
  if (name !== "git" && args[0] === "-c") return isServerSide(args.slice(1).join(" ").split(" "));
  let first = 0;
  while (name === "git" && args[first] === "-c") first += 2;
  return SERVICE.test(name === "git" ? (args[first] ?? "") : name);
}

const SERVICE = /^(git[- ])?(receive-pack|upload-pack)\b/;

const ONE_STEP = ["SIGCONT", "SIGSTOP"] as const;
/** Of SIGTERM, in the kernel's mask of blocked signals. */
const TERM_BIT = 1n << 14n;

/** Git blocks all signals while it starts a process. Told by /proc; where there is none, nobody knows. */
async function isStartingAnother({ pid, state }: ProcessRow): Promise<boolean> {
  if (!/^[Tt]/.test(state)) return false;
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const blocked = /^SigBlk:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return (BigInt(`0x${blocked}`) & TERM_BIT) !== 0n;
}

async function processes(): Promise<ProcessRow[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) return processesByPs();
  const rows = await Promise.all(pids.map(readProcess));
  return rows.filter((row) => row !== null);
}

async function readProcess(pid: string): Promise<ProcessRow | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
    // The name in brackets may hold anything; state and parent are the first fields after it.
    const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { pid: Number(pid), parent: Number(parent), state, command: command.split("\0") };
  } catch {
    return null; // It ended while we looked.
  }
}

/** Where there is no /proc (macOS, BSD). */
async function processesByPs(): Promise<ProcessRow[]> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,state=,command="]);
    return stdout.split("\n").flatMap((line) => {
      const [, pid, parent, state = "", command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return pid ? [{ pid: Number(pid), parent: Number(parent), state, command: command.split(" ") }] : [];
    });
  } catch {
    return [];
  }
}
