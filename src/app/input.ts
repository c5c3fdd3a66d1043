import { parseDuration } from "../domain/duration.ts";
import { isIdentifier } from "../domain/identifier.ts";
import { type Instant, parseInstant } from "../domain/instant.ts";
import { normalizePath, type PathProblem } from "../domain/path.ts";
import { printable, shortened } from "../domain/printable.ts";
import { file, lock, parseResource, type Resource, task } from "../domain/resource.ts";
import type { UsageProblem } from "./outcome.ts";

/** Thrown by the readers below and turned into an outcome by {@link readInput}: never leaves this layer. */
export class InputError extends Error {
  constructor(readonly problem: UsageProblem) {
    super(problem.message);
  }
}

/** Runs the readers of one request. Returns its problem instead of throwing it. */
export function readInput<T>(read: () => T): { ok: true; value: T } | { ok: false; problem: UsageProblem } {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof InputError) return { ok: false, problem: error.problem };
    throw error;
  }
}

function wrong(code: UsageProblem["code"], message: string, hint: string | null = null): never {
  throw new InputError({ code, message, hint });
}

const quoted = (text: string): string => `"${shortened(text, 80)}"`;

export function readIdentifier(what: "orchestrator" | "task" | "lock", text: string): string {
  if (isIdentifier(text)) return text;
  const rule = "letters, digits, dot, dash and underscore, at most 64, beginning with a letter or digit";
  const named = what === "orchestrator" ? `an ${what}` : `a ${what}`;
  return wrong("bad_identifier", `${quoted(text)} cannot name ${named}`, `Use ${rule}.`);
}

const PATH_RULES: Record<PathProblem, string> = {
  empty: "a path is needed",
  absolute: "paths are relative to the root of the repository",
  outside: "it leads out of the repository",
  in_git: "what is inside .git cannot be locked",
  wildcard: "wildcards are not understood; lock a whole directory as dir/",
  whole_repository: "it is the whole repository; lock a directory as dir/, or take a named lock",
  control: "it holds a control character, or is no valid text",
};

const PATH_HINT = "Write it relative to the repository's root: src/main.c, or src/ for all beneath.";

function badPath(text: string, problem: PathProblem): never {
  return wrong("bad_path", `${quoted(text)} cannot be locked: ${PATH_RULES[problem]}`, PATH_HINT);
}

/** What file systems allow for a whole path, in UTF-16 units. */
const LONGEST_PATH = 4096;

export function readPath(text: string): Resource {
  if (text.length > LONGEST_PATH) return wrong("bad_path", `a path has ${text.length} characters`, PATH_HINT);
  const reading = normalizePath(text);
  return reading.ok ? file(reading.path) : badPath(text, reading.problem);
}

export function readLockName(text: string): Resource {
  const bare = /^lock:/i.test(text) ? text.slice("lock:".length) : text;
  return lock(readIdentifier("lock", bare));
}

export function readTaskId(text: string): string {
  return readIdentifier("task", /^task:/i.test(text) ? text.slice("task:".length) : text);
}

/**
 * A resource as people type it: with its kind, or a bare task id or lock name. `isTask` says whether the
 * board knows a task of that id; a bare name that it does not know is a lock.
 */
export function readResource(text: string, isTask: (id: string) => boolean): Resource {
  const reading = parseResource(text);
  if (reading?.ok) return reading.resource;
  if (reading && reading.problem !== "identifier") return badPath(text, reading.problem);
  if (!reading && isIdentifier(text)) return isTask(text) ? task(text) : lock(text);
  return wrong("bad_resource", `${quoted(text)} is no resource`, "Write task:T003, lock:build or file:src/main.c.");
}

export function readDuration(text: string): number {
  const duration = parseDuration(text);
  if (duration !== null) return duration;
  return wrong("bad_duration", `${quoted(text)} is no duration`, "Write it like 90s, 10m, 2h or 1h30m (at most 30d).");
}

export function readPriority(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1) return Number(text);
  return wrong("bad_number", `${quoted(text)} is no priority`, "Priorities are whole numbers from 1 (highest) to 999.");
}

export function readFence(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  return wrong(
    "bad_number",
    `${quoted(text)} is no fence`,
    "A fence is a whole number, as `git coord lock --json` shows it.",
  );
}

/** An instant as ISO 8601, or a duration that means so long ago. */
export function readTime(text: string, now: Instant): Instant {
  const ago = parseDuration(text);
  const at = ago === null ? parseInstant(text) : now - ago;
  if (at !== null) return at;
  return wrong("bad_time", `${quoted(text)} is no time`, "Write 2026-01-21T14:30:00Z, or 2h for two hours ago.");
}

/** The longest text that a cell of the board takes, in UTF-16 units. */
export const LONGEST_TEXT = 1000;

export function readText(what: string, text: string, least: 0 | 1 = 0): string {
  if (text.trim().length < least) return wrong("bad_text", `the ${what} is empty`);
  if (text.length > LONGEST_TEXT) {
    return wrong("bad_text", `the ${what} has ${text.length} characters`, `At most ${LONGEST_TEXT} fit on the board.`);
  }
  if (text.includes("\0") || /[\ud800-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ""))) {
    return wrong("bad_text", `the ${what} is no valid text: ${quoted(printable(text))}`);
  }
  return text;
}

export function needSome<T>(list: readonly T[], what: string, hint: string): readonly T[] {
  return list.length > 0 ? list : wrong("nothing_asked", `name at least one ${what}`, hint);
}
