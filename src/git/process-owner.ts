import { readFileSync, readlinkSync } from "node:fs";
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

let own: ProcessOwner | undefined;

export function thisProcess(): ProcessOwner {
  own ??= processWithId(process.pid);
  return own;
}

/** The process that has this id now. */
export function processWithId(pid: number): ProcessOwner {
  return { host: hostname(), boot: bootId(), space: processSpace(), pid, started: startOf(pid) };
}

/**
 * Whether the process still runs.
 * @param writtenAt when its record was written, by this machine's clock
 */
export function isAlive(owner: ProcessOwner, writtenAt: Instant, now: Instant): boolean {
  const here = thisProcess();
  if (owner.host !== here.host || (owner.boot === here.boot && owner.space !== here.space)) {
    return Math.abs(now - writtenAt) < BENEFIT_OF_DOUBT;
  }
  if (owner.boot !== here.boot) return false;
  const started = startOf(owner.pid);
  if (started !== null || owner.started !== null) return started === owner.started;
  return answersSignals(owner.pid);
}

/** A process as the name of a file, for what has no other place to say whose it is. */
export function nameOfOwner({ host, boot, space, pid, started }: ProcessOwner): string {
  return [pid, started ?? "", boot, space ?? "", host].map(encodeURIComponent).join(",");
}

/** Null for any other name. */
export function ownerNamed(name: string): ProcessOwner | null {
  try {
    const [pid = "", started, boot, space, host] = name.split(",").map(decodeURIComponent);
    if (!/^\d+$/.test(pid) || boot === undefined || host === undefined) return null;
    return { host, boot, space: space || null, pid: Number(pid), started: started || null };
  } catch {
    return null;
  }
}

/** Whether it stands still (Ctrl-Z, a debugger); false where that cannot be told. */
export function isStopped(owner: ProcessOwner): boolean {
  const here = thisProcess();
  const isHere = owner.host === here.host && owner.boot === here.boot && owner.space === here.space;
  return isHere && /^[Tt]/.test(statOf(owner.pid)?.[0] ?? "");
}

/** Field 22 of `/proc/<pid>/stat`. A zombie has ended. */
function startOf(pid: number): string | null {
  const fields = statOf(pid);
  return fields === null || fields[0] === "Z" ? null : (fields[19] ?? null);
}

/** From field 3 on, the state: the name of the program, in brackets before it, may hold anything. */
function statOf(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

function processSpace(): string | null {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return null;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}
