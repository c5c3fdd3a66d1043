import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether a push can have any effect on the remote, now or later. */
export type SendEvidence = "never_sent" | "may_have_sent";

/**
 * Runs a push and tells whether git ever began to send. A branch cannot move without a pack, and git starts
 * `git pack-objects` only after it has connected and read what the remote has; of all that its trace is a
 * record. The trace goes to a file: on standard error it would mix with the server's words, and with what hooks
 * of a remote on this machine read from the git commands that they run.
 * @param run gets the variables to start git with
 */
export async function withPushTrace<T>(
  run: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<{ readonly outcome: T; readonly evidence: SendEvidence }> {
  // A folder, for a server process that outlives the push must not make the file anew.
  const folder = await mkdtemp(join(tmpdir(), "git-coord-push-")).catch(() => null);
  if (folder === null) return { outcome: await run({}), evidence: "may_have_sent" };
  const file = join(folder, "trace");
  try {
    const outcome = await run({ GIT_TRACE2_EVENT: file, GIT_TRACE2_EVENT_BRIEF: "1", GIT_TRACE2_EVENT_NESTING: "1" });
    return { outcome, evidence: readEvidence(await readFile(file, "utf8").catch(() => "")) };
  } finally {
    rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

interface TraceEvent {
  readonly event: string;
  /** The chain of processes that this one descends from; only the first git's has no `/`. */
  readonly sid: string;
  readonly argv?: readonly string[];
}

/** Anything missing or unreadable counts as "may have sent": that is the side on which nothing is lost. */
export function readEvidence(trace: string): SendEvidence {
  const events = trace.split("\n").filter(Boolean).map(parseEvent);
  const own = (event: TraceEvent | null, kind: string) => event?.event === kind && !event.sid.includes("/");
  const whole =
    !events.includes(null) && events.some((event) => own(event, "start")) && events.some((event) => own(event, "exit"));
  const packed = events.some((event) => event?.event === "child_start" && event.argv?.includes("pack-objects"));
  return whole && !packed ? "never_sent" : "may_have_sent";
}

function parseEvent(line: string): TraceEvent | null {
  try {
    const event = JSON.parse(line);
    return typeof event?.event === "string" && typeof event.sid === "string" ? event : null;
  } catch {
    return null;
  }
}
