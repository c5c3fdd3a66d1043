import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import type { Duration, Instant } from "../domain/instant.ts";
import { errorCode } from "./atomic-file.ts";
import { bootId } from "./system.ts";

/** Which process wrote a record, in a way that a reused process id does not match. */
export interface ProcessOwner {
  readonly host: string;
  readonly boot: string;
  /** The container that the process id counts in; null where there is no such thing. */
  readonly space: string | null;
  readonly pid: number;
  /** When the process started, in the kernel's ticks since boot; null where it cannot be told. */
  readonly started: string | null;
}

/** How long a process that cannot be looked at counts as alive after its record was written. */
const BENEFIT_OF_DOUBT: Duration = 15 * 60_000;

let own: Promise<ProcessOwner> | undefined;

export function thisProcess(): Promise<ProcessOwner> {
  own ??= describeThisProcess();
  return own;
}

async function describeThisProcess(): Promise<ProcessOwner> {
  return processWithId(process.pid);
}

/** The process that has this id now. */
export async function processWithId(pid: number): Promise<ProcessOwner> {
  const [space, started] = await Promise.all([processSpace(), startOf(pid)]);
  return { host: hostname(), boot: bootId(), space, pid, started };
}

/**
 * Whether the process still runs.
 * @param writtenAt when its record was written, by this machine's clock
 */
export async function isAlive(owner: ProcessOwner, writtenAt: Instant, now: Instant): Promise<boolean> {
  if (owner.host !== hostname() || (owner.boot === bootId() && owner.space !== (await processSpace()))) {
    return Math.abs(now - writtenAt) < BENEFIT_OF_DOUBT;
  }
  if (owner.boot !== bootId()) return false;
  const started = await startOf(owner.pid);
  if (started !== null || owner.started !== null) return started === owner.started;
  return answersSignals(owner.pid);
}

/** Field 22 of `/proc/<pid>/stat`. The name of the program, in brackets, may hold anything. A zombie has ended. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

async function processSpace(): Promise<string | null> {
  return readlink("/proc/self/ns/pid").catch(() => null);
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}
