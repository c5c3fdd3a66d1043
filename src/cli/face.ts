import type { Command } from "commander";
import type { Workshop } from "../agents/ports.ts";
import type { Coordination } from "../app/coordination.ts";
import type { Notice, Outcome } from "../app/outcome.ts";
import type { Launcher } from "../app/run.ts";
import type { Instant } from "../domain/instant.ts";
import { printable } from "../domain/printable.ts";
import { reportException } from "./environment-words.ts";
import { EXIT, type FailureReport, Reported } from "./exit.ts";
import { noticeWords, reportFailure } from "./words.ts";

/** The options that every command takes (CLI.md, "Rules for every command"). */
export interface CommonOptions {
  readonly json?: boolean;
  readonly as?: string;
  readonly remote?: string;
  readonly branch?: string;
  /** The folders of `-C`, in order. */
  readonly C?: readonly string[];
}

export interface Edited {
  readonly text: string;
  readonly path: string;
  readonly discard: () => Promise<void>;
}

/** What the command line needs of the process it runs in. */
export interface Surroundings {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly now: () => Instant;
  /** Opens the coordination of the repository that the options and the environment name. */
  readonly open: (options: CommonOptions) => Promise<Coordination>;
  /**
   * A file's text; `-` is standard input.
   * @throws Reported when it cannot be read, or is not UTF-8
   */
  readonly readFile: (path: string, options: CommonOptions) => Promise<string>;
  /**
   * Lets the person edit a text in their editor, in a file that stays until it is discarded.
   * @throws Reported when the editor fails
   */
  readonly edit: (text: string, options: CommonOptions) => Promise<Edited>;
  /**
   * Writes a file that the person asked for.
   * @throws Reported when it cannot be written
   */
  readonly writeFile: (path: string, text: string, options: CommonOptions) => Promise<void>;
  readonly setExitCode: (code: number) => void;
  /** Files, worktrees and templates, for the commands that serve agent tools. */
  readonly workshop: (options: CommonOptions) => Promise<Workshop>;
  /** Serves MCP on the process's standard input and output, until the client has gone. */
  readonly serveMcp: (options: CommonOptions) => Promise<void>;
  /** Whether standard error is looked at by a person. */
  readonly isTerminal: boolean;
  /** The signal by which this command was told to stop; null when it was not. */
  readonly interruptedBy: () => NodeJS.Signals | null;
  /** Runs commands on this terminal, in the folder that the options name; signals reach them while they run. */
  readonly launcher: (options: CommonOptions) => Launcher;
  /** The process that this command was run for. */
  readonly starter: () => number;
  /** A question that can be asked again and again: does the process that has this id now still run? */
  readonly watchProcess: (pid: number) => Promise<() => Promise<boolean>>;
  /** Starts `keepalive` for an orchestrator, as a process that outlives this one. */
  readonly startKeepalive: (pid: number, id: string, options: CommonOptions) => void;
}

/** How a command shows what it got. */
export interface View<T> {
  /** The fields that this command adds to the JSON document. */
  readonly json: (value: T) => Readonly<Record<string, unknown>>;
  /** Data for people, on standard output. */
  readonly text: (value: T, now: Instant) => string;
  /** What to do next, on standard error. */
  readonly hint?: (value: T) => string | null;
}

export type Action<T> = (coordination: Coordination) => Promise<Outcome<T>>;

/** Runs one use case and shows its outcome: the only way in which commands produce output. */
export async function show<T>(
  surroundings: Surroundings,
  command: Command,
  action: Action<T>,
  view: View<T>,
): Promise<void> {
  const options = command.optsWithGlobals<CommonOptions>();
  await guarded(surroundings, options.json === true, async () => {
    const outcome = await action(await surroundings.open(options));
    if (!outcome.ok) {
      const report = reportFailure(outcome.failure, surroundings.now());
      const place = { seq: outcome.seq, commit: outcome.commit };
      return showFailure(surroundings, options.json === true, report, place, outcome.notices);
    }
    const { value, seq, commit, notices } = outcome;
    if (options.json)
      return surroundings.out(document({ ok: true, seq, commit, ...view.json(value), ...told(notices) }));
    showNotices(surroundings, notices);
    surroundings.out(view.text(value, surroundings.now()));
    const hint = view.hint?.(value) ?? null;
    if (hint !== null) surroundings.err(`${hint}\n`);
  });
}

/** Runs something whose failures are to be shown like those of every command. */
export async function guarded(surroundings: Surroundings, json: boolean, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const report = error instanceof Reported ? error.report : (reportException(error) ?? internal(error));
    showFailure(surroundings, json, report);
  }
}

function internal(error: unknown): FailureReport {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "internal", message: `unexpected: ${message}`, hint: "This is a bug of git-coord; please report it." };
}

export function showFailure(
  surroundings: Surroundings,
  json: boolean,
  { code, message, hint, data }: FailureReport,
  place: { readonly seq: number | null; readonly commit: string | null } | null = null,
  notices: readonly Notice[] = [],
): void {
  surroundings.setExitCode(EXIT[code]);
  if (json) {
    surroundings.out(document({ ok: false, code, message, hint, ...(place ?? {}), ...data, ...told(notices) }));
    return;
  }
  showNotices(surroundings, notices);
  surroundings.err(`git-coord: ${escapeLines(message)}\n`);
  if (hint !== null) surroundings.err(`hint: ${escapeLines(hint)}\n`);
}

const escapeLines = (text: string): string => text.split("\n").map(printable).join("\n");

/** One JSON document on one line; invisible characters as escapes, so that a terminal is safe as well. */
export function document(value: Readonly<Record<string, unknown>>): string {
  const json = JSON.stringify(value).replace(
    /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (unit) => {
      return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    },
  );
  return `${json}\n`;
}

const told = (notices: readonly Notice[]) => (notices.length === 0 ? {} : { notices: notices.map(noticeWords) });

export function showNotices({ err }: Surroundings, notices: readonly Notice[]): void {
  for (const notice of notices) err(`note: ${printable(noticeWords(notice))}\n`);
}
