import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { customRandom, urlAlphabet } from "nanoid";
import type { Clock, Random } from "../ledger/ports.ts";

/** The longest time that one timer of node can wait, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint() / 1_000_000n),
  bootId,
  async sleep(duration, signal) {
    try {
      for (let left = duration; left > 0; left -= LONGEST_TIMER) {
        await pause(Math.min(left, LONGEST_TIMER), undefined, signal && { signal });
      }
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
};

/** What `nanoid()` gives, from the part of node's `crypto` that is loaded anyway. */
const opId = customRandom(urlAlphabet, 21, randomBytes);

export const systemRandom: Random = {
  opId,
  uniform: Math.random,
};

let boot: string | undefined;

/**
 * The kernel's own name for this boot. Where it has none, the time at which the machine started, to the minute:
 * a name that changes too often only makes observations start anew.
 */
export function bootId(): string {
  boot ??= kernelBootId() ?? `started-${Math.round((Date.now() - uptime() * 1000) / 60_000)}`;
  return boot;
}

function kernelBootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() || null;
  } catch {
    return null;
  }
}
