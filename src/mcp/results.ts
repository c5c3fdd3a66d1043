import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Outcome } from "../app/outcome.ts";
import { reportException } from "../cli/environment-words.ts";
import type { FailureCode, FailureReport } from "../cli/exit.ts";
import { noticeWords, reportFailure } from "../cli/words.ts";
import type { Instant } from "../domain/instant.ts";
import { printable } from "../domain/printable.ts";
import { QueueClosed } from "./queue.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The one place where outcomes become results of tools (DESIGN 3, "Errors"). */
export function outcomeResult<T>(outcome: Outcome<T>, view: (value: T) => Fields, more: Fields, now: Instant) {
  const { seq, commit, notices } = outcome;
  const told = { ...(notices.length === 0 ? {} : { notices: notices.map(noticeWords).map(printable) }), ...more };
  if (outcome.ok) return result({ ok: true, seq, commit, ...view(outcome.value), ...told }, false);
  return failureResult(reportFailure(outcome.failure, now), { seq, commit, ...told });
}

/** What went wrong around the request: the remote, the repository, a bug. */
export function exceptionResult(error: unknown, more: Fields): CallToolResult {
  const report = reportException(error) ?? unexpected(error);
  return failureResult(report, more, forThePerson(report));
}

/** What a model cannot mend by calling anything else: the hint is for whoever started the server. */
export function forThePerson({ code, hint }: FailureReport): string {
  if (hint === null || code === "unknown") return nextStep(code, {});
  return `${code === "environment" ? "You hold nothing new. " : ""}Tell the user: ${hint}`;
}

function unexpected(error: unknown): FailureReport {
  if (error instanceof QueueClosed) return { code: "environment", message: error.message, hint: null };
  const message = error instanceof Error ? error.message : String(error);
  return { code: "internal", message: `unexpected: ${message}`, hint: null };
}

/** A refusal is an answer; only what the model or its user has to mend is marked as an error. */
const REFUSALS: readonly FailureCode[] = ["held", "not_found", "nothing_ready", "lost"];

/** @param next the next step; absent: the one that the code suggests */
export function failureResult({ code, message, data }: FailureReport, more: Fields, next?: string): CallToolResult {
  const words = message.split("\n").map(printable).join("\n");
  const shown = Object.entries(data ?? {}).map(([name, value]) => [
    name,
    typeof value === "string" ? printable(value) : value,
  ]);
  const fields = {
    ok: false,
    code,
    message: words,
    next: next ?? nextStep(code, data ?? {}),
    ...Object.fromEntries(shown),
    ...more,
  };
  return result(fields, !REFUSALS.includes(code));
}

/** The next sensible call. Never one that destroys anything (FAILURES 25). */
function nextStep(code: FailureCode, data: Fields): string {
  switch (code) {
    case "held": {
      const [first] = Array.isArray(data.ready) ? data.ready : [];
      if (typeof first === "string") return `Take other work: claim_task with task "${first}", or another of "ready".`;
      return typeof data.expires === "string"
        ? `Do something else, and try again when it is given back, at the latest after ${data.expires}.`
        : "Do something else, and try again later.";
    }
    case "not_found":
      return "coord_status shows what there is.";
    case "nothing_ready":
      return "Tell the user that nothing is ready, or add_task what you know is to be done.";
    case "lost":
      return "Stop the work that relied on it. coord_status shows who has it now; ask for it again before you go on.";
    case "usage":
      return "Correct the arguments and call again.";
    case "environment":
      return "You hold nothing new. Tell the user to run `git coord doctor`.";
    case "unknown":
      return "Call the same tool again with the same arguments: that settles what happened.";
    case "bad_board":
      return "Tell the user to run `git coord doctor`: the board needs mending.";
    case "internal":
      return "Tell the user: this is a bug of git-coord.";
  }
}

function result(fields: Fields, isError: boolean): CallToolResult {
  const structuredContent = { ...fields };
  return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent, isError };
}
