import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly command: readonly string[];
}

/**
 * Ends a process and all that it started. The tree is stopped first, so that nothing is started behind our
 * back while we look for it: what is left when its parent has gone is nobody's any more.
 */
export async function endTree(root: number): Promise<void> {
  const stopped = new Set<number>();
  for (let found = [root]; found.length > 0; found = await clientDescendants(root, stopped)) {
    for (const pid of found) {
      send(pid, "SIGSTOP");
      stopped.add(pid);
    }
  }
  for (const pid of stopped) {
    send(pid, "SIGTERM");
    send(pid, "SIGCONT");
  }
}

/**
 * The processes below `root` that are not `known` yet, without those that are the server's side of a remote on
 * this machine: ending a `git receive-pack` could leave its lock file behind, and that blocks everybody
 * (FAILURES 4).
 */
async function clientDescendants(root: number, known: ReadonlySet<number>): Promise<number[]> {
  const rows = await processes();
  const below = new Set([root]);
  for (let size = 0; size < below.size; ) {
    size = below.size;
    for (const row of rows) if (below.has(row.parent) && !isServerSide(row.command)) below.add(row.pid);
  }
  return [...below].filter((pid) => !known.has(pid));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile, or the system has no such signal.
  }
}

/** `git-receive-pack …`, `git receive-pack …`, or the shell that is about to become one of them. */
function isServerSide([program = "", first = "", second = ""]: readonly string[]): boolean {
  const service = /^(git[- ])?(receive-pack|upload-pack)\b/;
  const name = basename(program);
  if (service.test(name) || (name === "git" && service.test(first))) return true;
  return first === "-c" && service.test(second);
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
    // The name in brackets may hold anything; the parent is the second field after it.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return { pid: Number(pid), parent, command: command.split("\0") };
  } catch {
    return null; // It ended while we looked.
  }
}

/** Where there is no /proc (macOS, BSD). */
async function processesByPs(): Promise<ProcessRow[]> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,command="]);
    return stdout.split("\n").flatMap((line) => {
      const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid ? [{ pid: Number(pid), parent: Number(parent), command: command.split(" ") }] : [];
    });
  } catch {
    return [];
  }
}
