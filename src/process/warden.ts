import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { type Deadline, hasPassed, POLITE, readMonotonic } from "./deadline.ts";
import { isGroupAlive, signalGroup } from "./group.ts";

/** What the warden is told, one line of JSON each. */
export type Order =
  | { readonly kind: "watch"; readonly pid: number }
  | { readonly kind: "limit"; readonly end: Deadline; readonly kill: Deadline }
  | { readonly kind: "done" };

const LOOK = 100;

/**
 * Stands beside `run` in a process of its own: should `run` be killed or stopped, its command still ends before
 * the lease does. As long as all is well it only listens; when its input closes without "done", whoever was to
 * renew the lease is dead, and the command's group is ended at once.
 */
export async function keepWatch(input: Readable, output: Writable): Promise<void> {
  let pid: number | null = null;
  let limit: Extract<Order, { kind: "limit" }> | null = null;
  let isDone = false;
  let askedAt: number | null = null;
  const lines = createInterface({ input });
  lines.on("line", (line) => {
    const order = JSON.parse(line) as Order;
    if (order.kind === "watch") pid = order.pid;
    else if (order.kind === "limit") limit = order;
    else isDone = true;
  });
  let isOrphan = false;
  lines.on("close", () => {
    isOrphan = true;
  });
  output.write("ready\n");
  for (;;) {
    const group = pid as number | null;
    const set = limit as Extract<Order, { kind: "limit" }> | null;
    if (isDone || (isOrphan && (group === null || !(await isGroupAlive(group))))) return;
    const now = { wall: Date.now(), monotonic: readMonotonic() };
    if (group !== null && (isOrphan || (set !== null && hasPassed(set.end, now)))) {
      const hasAsked = askedAt !== null;
      askedAt ??= now.monotonic;
      const isKill = now.monotonic - askedAt >= POLITE || (set !== null && hasPassed(set.kill, now));
      if (isKill) signalGroup(group, "SIGKILL");
      else if (!hasAsked) signalGroup(group, "SIGTERM");
      // A command that is stopped hears of nothing but this.
      if (!hasAsked) signalGroup(group, "SIGCONT");
    } else {
      askedAt = null;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}
