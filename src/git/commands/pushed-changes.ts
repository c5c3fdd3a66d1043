import { randomUUID } from "node:crypto";
import type { Oid } from "../../ledger/ports.ts";
import { GitFailure } from "../errors.ts";
import type { GitCommand } from "../run.ts";

/** One commit of a push, and what it touches. */
export interface PushedChange {
  readonly commit: Oid;
  /** The last `Coord-Id` trailer; null when there is none. */
  readonly by: string | null;
  readonly paths: readonly string[];
}

/**
 * The commits that a push brings, with the paths that each of them changes: both sides of renames, and of merges
 * only what differs from all parents.
 * @param tips new commits and tags; what is no commit brings nothing
 * @param known what the other side has: revisions, or options such as `--remotes=origin`
 * @param options tolerant: what the other side has need not be here; on a server a missing commit is an error
 */
export function pushedChanges(
  tips: readonly Oid[],
  known: readonly string[],
  { tolerant = false } = {},
): GitCommand<readonly PushedChange[]> {
  // Nobody can name a file like the head of a record, and so put what follows under another name.
  const head = `${randomUUID()} `;
  return {
    args: [
      ...["--no-replace-objects", "-c", "log.showSignature=false", "-c", "core.quotePath=false", "log"],
      ...["-z", "-c", "--root", "--name-only", "--no-renames", "--no-ext-diff", "--no-color", "--no-notes"],
      ...["--ignore-submodules=none", ...(tolerant ? ["--ignore-missing"] : [])],
      `--format=${head}%H %(trailers:key=Coord-Id,valueonly,separator=%x20)`,
      ...["--stdin", "--not", ...known],
    ],
    // On standard input, for a push may bring thousands of refs.
    input: tips.map((tip) => `${tip}\n`).join(""),
    parse({ exitCode, stdout, stderr }) {
      if (exitCode !== 0) throw new GitFailure({ code: "git_failed", command: "log", exitCode, words: stderr.trim() });
      return stdout.split(head).filter(Boolean).map(readRecord);
    },
  };
}

function readRecord(record: string): PushedChange {
  const [head = "", ...rest] = record.split("\0");
  const [commit = "", ...ids] = head.trim().split(/\s+/);
  // Between the message and the list git puts an empty line.
  const paths = rest.map((path) => path.replace(/^\n/, "")).filter(Boolean);
  return { commit, by: ids.at(-1) ?? null, paths };
}
