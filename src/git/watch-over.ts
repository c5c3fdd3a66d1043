import type { ChildProcess } from "node:child_process";
import type { Duration } from "../domain/instant.ts";
import { endTree } from "./process-tree.ts";

/** Milliseconds after which a git that ignores the request to end is ended without asking. */
const GRACE: Duration = 2000;

export interface Limits {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole process, however much it prints. None: no limit. */
  readonly timeout?: Duration | undefined;
}

/** Who ended a process. */
export type Ended = "itself" | "aborted" | "timeout";

interface Watch {
  ended(): Ended;
  /** To be called when the process has ended. */
  stop(): void;
}

/** Ends the process and what it started when the signal or the time says so. */
export function watchOver(place: { readonly child: ChildProcess | null }, { signal, timeout }: Limits): Watch {
  let ended: Ended = "itself";
  let grace: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = async (why: "aborted" | "timeout"): Promise<void> => {
    const child = place.child;
    if (ended !== "itself") return;
    if (!child?.pid) {
      // Asked for, but not started yet.
      clearTimeout(timer);
      timer = setTimeout(() => void end(why), 1);
      return;
    }
    ended = why;
    grace = setTimeout(() => child.kill("SIGKILL"), GRACE);
    await endTree(child.pid);
  };
  const abort = () => void end("aborted");
  signal?.addEventListener("abort", abort);
  if (timeout !== undefined) timer = setTimeout(() => void end("timeout"), timeout);
  return {
    ended: () => ended,
    stop() {
      clearTimeout(timer);
      clearTimeout(grace);
      signal?.removeEventListener("abort", abort);
    },
  };
}
