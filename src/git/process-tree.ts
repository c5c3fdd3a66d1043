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
 * The processes below `root`, without those that are the server's side of a remote on this machine: ending a
 * `git receive-pack` could leave its lock file behind, and that blocks everybody (FAILURES 4).
 */
export async function clientDescendants(root: number): Promise<number[]> {
  const rows = await processes();
  const found: number[] = [];
  const parents = new Set([root]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const row of rows) {
      if (!parents.has(row.parent) || parents.has(row.pid) || isServerSide(row.command)) continue;
      parents.add(row.pid);
      found.push(row.pid);
      grew = true;
    }
  }
  return found;
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
