import { type FailureData, GitFailure, type GitFailureData, LedgerFailure } from "../app/failure.ts";
import { formatInstant, type Instant, SECOND, wholeSecond } from "../domain/instant.ts";
import { printable } from "../domain/printable.ts";
import type { FailureReport } from "./exit.ts";
import { problemLines } from "./words.ts";

/** An exception in words; null for what nobody expected. */
export function reportException(error: unknown): FailureReport | null {
  if (error instanceof LedgerFailure) return reportLedgerFailure(error.data);
  if (error instanceof GitFailure) return reportGitFailure(error.data);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const words = DISK[code];
  if (words === undefined || !(error instanceof Error)) return null;
  return {
    code: "environment",
    message: `${words}: ${error.message}`,
    hint: "Nothing is lost; mend that and run it again.",
  };
}

const DISK: Readonly<Record<string, string>> = {
  EACCES: "this user may not read or write that",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would become larger than this user's files may be",
  EIO: "the disk does not work",
  EISDIR: "a file was expected, not a folder",
  EMFILE: "too many files are open",
  ENOENT: "there is no such file",
  ENOSPC: "the disk is full",
  EPERM: "this user may not do that",
  EROFS: "the disk is read-only",
};

/** A broken environment in words. What the server said is shown, escaped, and never interpreted. */
function reportLedgerFailure(data: FailureData): FailureReport {
  switch (data.code) {
    case "no_branch":
      return {
        code: "not_found",
        message: "the remote has no coordination branch",
        hint: "Run `git coord init` once; every other clone attaches by itself.",
      };
    case "unreachable":
      if (data.retryAfter !== undefined) return resting(data.retryAfter, data.words);
      return {
        code: "environment",
        message: `the remote could not be reached; nothing was sent${said(data.words)}`,
        hint: "Check the network and your rights to push, then run it again. `git coord doctor` looks closer.",
      };
    case "remote_refused":
      return {
        code: "environment",
        message: `the remote refused the push; nothing was changed${said(data.words)}`,
        hint: "A hook, a branch protection or a left-over lock on the server: `git coord doctor` looks closer.",
      };
    case "abandoned":
      return {
        code: "environment",
        message: `given up: the push has not landed and cannot any more; nothing was changed${said(data.words)}`,
        hint: "Run it again. `git coord doctor` looks closer.",
      };
    case "busy":
      return {
        code: "environment",
        message: `another git-coord process of this clone${data.pid === undefined ? "" : ` (process ${data.pid})`} has been at work all the time; nothing was changed`,
        hint: "Run it again. If it was stopped (Ctrl-Z), let it go on or end it: `git coord doctor` tells.",
        data: { pid: data.pid ?? null },
      };
    case "contention":
      return {
        code: "environment",
        message: `others won ${data.attempts} races in a row; nothing was changed`,
        hint: "Run it again.",
      };
    case "unknown":
      return {
        code: "unknown",
        message: `the push was sent but its outcome is not known${said(data.words)}`,
        hint: `Do not assume either way. Run it again ${when(data.retryAfter)}: that settles this one first.`,
        data: { pendingCommit: data.commit, ...restData(data.retryAfter) },
      };
    case "bad_board":
      return {
        code: "bad_board",
        message: `the board at ${data.commit.slice(0, 12)} cannot be used:\n${problemLines(data.problems)}`,
        hint: data.problems.some(({ code }) => code === "format_too_new")
          ? "Install a newer git-coord; this one leaves the board alone."
          : "Mend it by hand on the branch, or run `git coord doctor --repair` to land the last good board again.",
        data: { boardCommit: data.commit, problems: data.problems },
      };
    case "rewritten":
      return {
        code: "bad_board",
        message:
          data.remote === null
            ? `the coordination branch was deleted on the remote (last seen at ${data.known.slice(0, 12)})`
            : `the coordination branch was rewritten: ${data.remote.slice(0, 12)} does not contain ${data.known.slice(0, 12)}, seen before`,
        hint: "`git coord doctor --repair` puts it back if nothing else was written since; otherwise ask whoever did it.",
        data: { known: data.known, remote: data.remote },
      };
    case "history_cut":
      return {
        code: "environment",
        message: `the history before commit ${data.commit.slice(0, 12)} is not in this clone yet, and ${
          data.isAnswering ? "the remote does not give it" : "the remote could not be reached"
        }${said(data.words)}`,
        hint: "Nothing is shown rather than part of it. Run it again when the remote answers; `git coord doctor` looks closer.",
        data: { commit: data.commit },
      };
    case "far_ahead":
      return {
        code: "bad_board",
        message: `the tip is dated ${formatInstant(data.at)}, more than a day ahead of this machine's clock (${formatInstant(data.clock)})`,
        hint: "If this clock is right, `git coord doctor --repair` lands a commit with the right time.",
        data: { boardCommit: data.commit },
      };
  }
}

/** Nothing was sent: the remote has said that it wants to be left alone. */
function resting(until: Instant, words: string): FailureReport {
  return {
    code: "environment",
    message: `the remote has had too many requests and asks to wait until ${wholeTime(until)}; nothing was sent${said(words)}`,
    hint: `Run it again then. \`git coord settings "Push budget" 6/min\` lets renewals wait and share pushes.`,
    data: restData(until),
  };
}

/** Not a moment too early. */
const wholeTime = (until: Instant): string => formatInstant(wholeSecond(until + SECOND - 1));

const when = (until: Instant | undefined): string =>
  until === undefined
    ? "when the remote answers"
    : `after ${wholeTime(until)}, for the remote has had too many requests`;

const restData = (until: Instant | undefined) => (until === undefined ? {} : { retryAfter: wholeTime(until) });

function said(words: string): string {
  const lines = words.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.length === 0 ? "" : `:\n${lines.map((line) => `  ${printable(line)}`).join("\n")}`;
}

function reportGitFailure(data: GitFailureData): FailureReport {
  switch (data.code) {
    case "git_missing":
      return { code: "environment", message: "there is no git program on PATH", hint: "Install git 2.31 or later." };
    case "no_such_directory":
      return {
        code: "usage",
        message: `there is no folder ${data.directory}`,
        hint: "Name a folder of a clone with -C DIR.",
      };
    case "not_a_repository":
      return {
        code: "environment",
        message: `${data.directory} is in no git repository (GIT_DIR is not looked at)`,
        hint: "Go into a clone, or name one with -C DIR.",
      };
    case "unsafe_repository":
    case "unusable_repository":
      return { code: "environment", message: `git refuses ${data.directory}${said(data.words)}`, hint: null };
    case "bad_remote":
      return {
        code: "usage",
        message: `the remote "${data.remote}" cannot be used: ${BAD_REMOTE[data.why]}`,
        hint: data.known.length === 0 ? "Give a URL or a path." : `Configured remotes: ${data.known.join(", ")}.`,
      };
    case "ambiguous_remote":
      return {
        code: "usage",
        message: `which remote? There are ${data.known.join(", ")}, and none is called origin`,
        hint: "Say --remote NAME, or `git config coord.remote NAME` once.",
      };
    case "bad_branch":
      return {
        code: "usage",
        message: `"${data.branch}" is no branch name that git allows`,
        hint: "Give a plain name such as team/coordination, or none at all for `coordination`.",
      };
    case "sha256_remote":
      return {
        code: "environment",
        message: `the remote ${data.remote} keeps SHA-256 objects; the coordination branch needs a SHA-1 repository`,
        hint: "Name another one with --remote; it need not be the one that holds the code.",
      };
    case "git_failed":
      return {
        code: "environment",
        message: `git ${data.command} failed (${data.exitCode})${said(data.words)}`,
        hint: null,
      };
    case "object_missing":
    case "object_corrupt":
      return {
        code: "environment",
        message: `the private repository has lost object ${data.oid}`,
        hint: "Move the folder repo.git inside .git/coord aside; it is made anew from the remote.",
      };
    case "path_in_the_way":
      return {
        code: "bad_board",
        message: `on the coordination branch a file stands where a folder is needed: ${data.path}`,
        hint: "Move that file on the branch by hand.",
      };
  }
}

const BAD_REMOTE = {
  empty: "it is empty",
  looks_like_an_option: "it begins with a dash",
  control_character: "it holds a control character",
  helper: "only paths, ssh, http(s) and git addresses are allowed, no helper programs",
  unknown_name: "there is no remote of that name, and it is neither a URL nor a path",
  no_url: "it has no URL",
} as const;
