import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readIfThere } from "./atomic-file.ts";

/** Whether a push can have any effect on the remote, now or later. */
export type SendEvidence = "never_sent" | "may_have_sent";

/**
 * Runs a push and tells whether git ever began to send. A branch cannot move without a pack, and git starts
 * `git pack-objects` only after it has connected and read what the remote has; each start of a process stands in
 * its trace. The trace goes to a file: on standard error it would mix with the server's words, and with what hooks
 * of a remote on this machine read from the git commands that they run.
 * @param run gets the variables to start git with
 */
export async function withPushTrace<T>(
  run: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<{ readonly outcome: T; readonly evidence: SendEvidence }> {
  const file = emptyFile();
  if (file === null) return { outcome: await run({}), evidence: "may_have_sent" };
  try {
    // The plain trace: the structured one (GIT_TRACE2_EVENT) costs every claim a millisecond more.
    const outcome = await run({ GIT_TRACE: file });
    return { outcome, evidence: readEvidence(readIfThere(file) ?? "") };
  } finally {
    free.push(file);
  }
}

/** Files of this process that no push is using. What a server process still writes there counts as "sent". */
const free: string[] = [];
let folder: string | null = null;

function emptyFile(): string | null {
  try {
    const file = free.pop() ?? join(ownFolder(), String(process.hrtime.bigint()));
    writeFileSync(file, "");
    return file;
  } catch {
    return null;
  }
}

/** A folder, for a server process that outlives this one must not make its file anew. */
function ownFolder(): string {
  if (folder !== null) return folder;
  const made = mkdtempSync(join(tmpdir(), "git-coord-push-"));
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  folder = made;
  return made;
}

/**
 * To reach a remote git starts a process (ssh, a helper, the remote's own git), so a trace that shows such a start
 * and none of `pack-objects` is one that would have shown it. Anything else counts as "may have sent": that is the
 * side on which nothing is lost.
 */
export function readEvidence(trace: string): SendEvidence {
  const started = trace.split("\n").filter((line) => / trace: run_command: /.test(line));
  const packed = /pack-objects/.test(trace);
  return trace.endsWith("\n") && started.length > 0 && !packed ? "never_sent" : "may_have_sent";
}
