import type { Failure, Notice } from "../app/outcome.ts";
import type { BoardProblem } from "../domain/board.ts";
import type { Instant } from "../domain/instant.ts";
import { printable } from "../domain/printable.ts";
import { formatResource, sameResource } from "../domain/resource.ts";
import type { LeaseView, Refusal } from "../domain/verdict.ts";
import type { FailureReport } from "./exit.ts";
import { coarse, deadline, isoTime } from "./render/time.ts";

/** The one place where failures become words and codes (DESIGN 3, "Errors"). */
export function reportFailure(failure: Failure, now: Instant): FailureReport {
  switch (failure.kind) {
    case "usage": {
      const { code, message, hint, problems } = failure.problem;
      const lines = problems ? `:\n${problemLines(problems)}` : "";
      const data = { problem: code, ...(problems ? { problems } : {}) };
      return { code: "usage", message: `${message}${lines}`, hint, data };
    }
    case "refused":
      return reportRefusal(failure.refusal, now);
    case "stale_edit": {
      const changed = failure.changes.map(({ change, what, name }) => `${what} ${name} ${change}`).join(", ");
      return {
        code: "held",
        message: `others have changed the board since the text was read (${changed || "its text"}); nothing was written`,
        hint: "Read it again with `git coord board`, make your edit there, and apply that.",
        data: { resource: null, holder: null, since: null, expires: null, ready: [], changes: failure.changes },
      };
    }
    case "already_there":
      return {
        code: "held",
        message: `the coordination branch is there already (${failure.commit.slice(0, 12)}) with another board; --from was not used`,
        hint: "This clone is attached to it. To change its board use `git coord edit` or `git coord apply FILE`.",
        data: { resource: null, holder: null, since: null, expires: null, ready: [] },
      };
  }
}

export function problemLines(problems: readonly BoardProblem[]): string {
  return problems
    .map(({ line, message }) => (line === null ? `  ${message}` : `  line ${line}: ${message}`))
    .join("\n");
}

function reportRefusal(refusal: Refusal, now: Instant): FailureReport {
  switch (refusal.kind) {
    case "held":
      return reportHeld(refusal, now);
    case "identity_taken": {
      const { id, host, lastSeen, expires } = refusal.orchestrator;
      return {
        code: "held",
        message: `the id ${id} belongs to another session (${host ?? "host unknown"}) until ${deadline(expires, now)}`,
        hint: "Run `git coord join` for an id of your own, and set COORD_ID to it.",
        data: {
          resource: `orchestrator:${id}`,
          holder: id,
          since: isoTime(lastSeen),
          expires: isoTime(expires),
          ready: [],
        },
      };
    }
    case "no_such_task":
      return {
        code: "not_found",
        message: `there is no task ${refusal.id}`,
        hint: "`git coord ready` lists what can be claimed.",
      };
    case "task_finished": {
      const { id, completedBy, completedAt } = refusal.task;
      const when = completedAt === null ? "" : ` at ${isoTime(completedAt)}`;
      return {
        code: "not_found",
        message: `task ${id} is finished${completedBy ? ` by ${completedBy}` : ""}${when}`,
        hint: "`git coord ready` lists what can be claimed.",
      };
    }
    case "task_archived":
      return {
        code: "not_found",
        message: `task ${refusal.id} is finished and in the archive`,
        hint: "`git coord ready` lists what can be claimed.",
      };
    case "task_blocked":
      return {
        code: "nothing_ready",
        message: `task ${refusal.id} waits for ${refusal.waitsFor.join(", ")}`,
        hint: otherWork(refusal.ready),
        data: { waitsFor: refusal.waitsFor, ...firstReady(refusal.ready) },
      };
    case "task_exists":
      return {
        code: "usage",
        message: `the id ${refusal.id} is or was in use; ids are never reused`,
        hint: "Leave out --id to get the next free one.",
      };
    case "unknown_dependency":
      return {
        code: "usage",
        message: `--after names ${refusal.id}, which is no task`,
        hint: "Add that task first; `git coord status` lists them all.",
      };
    case "nothing_ready": {
      const where = refusal.area === null ? "" : ` in area ${refusal.area}`;
      return {
        code: "nothing_ready",
        message: `no task is ready${where} (${refusal.queued} queued, ${refusal.inProgress} in progress)`,
        hint:
          refusal.queued === 0
            ? "Nothing is queued: `git coord add TITLE` puts a task on the queue."
            : "The queued ones wait for others or are of another area: `git coord status` shows them.",
        data: { queued: refusal.queued, inProgress: refusal.inProgress, ready: [] },
      };
    }
    case "lost": {
      const { resource, now: lease } = refusal;
      const whose = lease ? `${lease.holder} holds it until ${deadline(lease.expires, now)}` : "nobody holds it";
      return {
        code: "lost",
        message: `you do not hold ${formatResource(resource)} (any more): ${whose}; nothing was changed`,
        hint: "Stop the work that relied on it. `git coord status` shows who holds what.",
        data: { resource: formatResource(resource), holder: lease?.holder ?? null, ...times(lease) },
      };
    }
    case "session_over":
      return {
        code: "lost",
        message: `the session of ${refusal.id} is over: it has left, or expired and was cleared`,
        hint: "Stop the work that relied on it, and run `git coord join` to begin again.",
        data: { resource: `orchestrator:${refusal.id}`, holder: null, since: null, expires: null },
      };
    case "no_such_setting":
      return {
        code: "not_found",
        message: `there is no setting "${printable(refusal.name)}"`,
        hint: "`git coord settings` lists them with their meaning.",
      };
    case "bad_setting":
      return {
        code: "usage",
        message: `${refusal.name} cannot be "${printable(refusal.value)}": expected ${refusal.expected}`,
        hint: null,
      };
  }
}

function reportHeld(refusal: Extract<Refusal, { kind: "held" }>, now: Instant): FailureReport {
  const { lease, wanted, expired, isKept, ready, place, waiting } = refusal;
  const name = formatResource(wanted);
  const held = formatResource(lease.resource);
  const through = sameResource(wanted, lease.resource) ? "" : ` through ${held}`;
  const since = lease.since === null ? "" : ` since ${isoTime(lease.since)}`;
  const unproven = "its time is over, but that is not proven yet";
  const isTask = wanted.kind === "task";
  const line = isTask
    ? ""
    : `${waiting === 0 ? "Nobody waits" : `${waiting} ${waiting === 1 ? "waits" : "wait"}`} in line: \`--wait 15m\` would be place ${place}. `;
  const data = {
    wanted: name,
    holder: lease.holder,
    fence: lease.fence,
    ...times(lease),
    kept: isKept,
    place,
    waiting,
    ...firstReady(ready),
  };
  if (isKept) {
    return {
      code: "held",
      message: `${name} is free, but kept for ${lease.holder}, who is first in line, until ${deadline(lease.expires, now)}`,
      hint: `${line}${otherWork(ready)}`,
      data: { resource: held, ...data },
    };
  }
  return {
    code: "held",
    message: `${name} is held by ${lease.holder}${through}${since} until ${deadline(lease.expires, now)}${expired ? `; ${unproven}` : ""}`,
    hint: expired
      ? "Ask again in half a minute: what is provably over goes to whoever asks."
      : `${line}${otherWork(ready)}`,
    data: { resource: held, ...data },
  };
}

function times(lease: LeaseView | null) {
  return { since: isoTime(lease?.since ?? null), expires: isoTime(lease?.expires ?? null) };
}

/** More ids than anybody chooses from; all of them are in `ready --json`. */
const MOST_READY = 100;

/** What to take instead, best first. A list that was cut says how many there are: a large board has thousands (ADR 24). */
function firstReady(ready: readonly string[]) {
  return ready.length <= MOST_READY ? { ready } : { ready: ready.slice(0, MOST_READY), readyTotal: ready.length };
}

function otherWork(ready: readonly string[]): string {
  if (ready.length === 0) return "Nothing else is ready; try again when it is free.";
  const more = ready.length > 5 ? ` and ${ready.length - 5} more` : "";
  return `Ready to claim: ${ready.slice(0, 5).join(", ")}${more}. For example \`git coord claim ${ready[0]}\`.`;
}

/** Something to tell besides the answer. */
export function noticeWords(notice: Notice): string {
  switch (notice.kind) {
    case "settled": {
      const { record, outcome } = notice.settlement;
      const what = { landed: "has landed", never_landed: "never landed, and cannot any more", open: "is still open" };
      return `an earlier request, "${record.subject}", ${what[outcome]}`;
    }
    case "clock_behind":
      return `the ledger is ${coarse(notice.by)} ahead of this machine's clock: one of the clocks is wrong`;
  }
}
