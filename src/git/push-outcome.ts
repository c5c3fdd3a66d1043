import type { PushOutcome } from "../ledger/ports.ts";
import type { PushReport } from "./commands/push.ts";
import type { SendEvidence } from "./push-trace.ts";

/**
 * What git said about a push (DESIGN 6, the table). Only our own branch's row is an answer: over HTTP a push
 * that was refused or cut off prints "Everything up-to-date" as well (FAILURES 3).
 */
export function judgePush({ result, row }: PushReport, evidence: SendEvidence): PushOutcome {
  const words = [row?.flag === "!" ? row.summary : "", result.stderr.trim()].filter(Boolean).join("\n");
  if (result.exitCode === 0 && (row?.flag === " " || row?.flag === "*")) return { kind: "landed" };
  if (result.exitCode === 0 && row?.flag === "=") return { kind: "up_to_date" };
  if (row?.flag === "!") {
    if (row.summary.startsWith("[rejected]")) return { kind: "rejected", words };
    if (row.summary.startsWith("[remote rejected]")) return { kind: "remote_rejected", words };
    // `[remote failure]`: it was sent, and the remote did not say what became of it.
  }
  const failed = result.exitCode !== null && result.exitCode !== 0;
  if (failed && row === null && result.ended === "itself" && evidence === "never_sent")
    return { kind: "unsent", words };
  return { kind: "unknown", words: words || endedBy(result.ended) };
}

function endedBy(ended: PushReport["result"]["ended"]): string {
  switch (ended) {
    case "timeout":
      return "no answer in time";
    case "aborted":
      return "stopped while waiting for an answer";
    case "itself":
      return "git ended without an answer";
  }
}
