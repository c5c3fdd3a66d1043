/** Whether a push can have any effect on the remote, now or later. */
export type SendEvidence = "never_sent" | "may_have_sent";

/**
 * Tells from git's trace (GIT_TRACE) whether a push ever began to send. A branch cannot move without a pack, and git starts
 * `git pack-objects` only after it has connected and read what the remote has; each start of a process stands in
 * the trace. To reach a remote git starts a process (ssh, a helper, the remote's own git), so a trace that shows such a start
 * and none of `pack-objects` is one that would have shown it. Anything else counts as "may have sent": that is the
 * side on which nothing is lost.
 */
export function readEvidence(trace: string): SendEvidence {
  const started = trace.split("\n").filter((line) => / trace: run_command: /.test(line));
  const packed = /pack-objects/.test(trace);
  return trace.endsWith("\n") && started.length > 0 && !packed ? "never_sent" : "may_have_sent";
}
