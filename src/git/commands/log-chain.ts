import type { Commit, Oid } from "../../ledger/ports.ts";
import { GitFailure } from "../errors.ts";
import type { GitCommand } from "../run.ts";

const FIELDS = ["%H", "%P", "%T", "%an", "%ae", "%cn", "%ce", "%ct", "%B"];

/** The commits from `tip` back along first parents, newest first, without `stop` and what it descends from. */
export function logChain(tip: Oid, stop: Oid | null, count: number): GitCommand<readonly Commit[]> {
  return {
    args: [
      // A replacement, which anybody may push, must not stand for a commit that is to be verified.
      "--no-replace-objects",
      "-c",
      "log.showSignature=false",
      "log",
      "-z",
      "--first-parent",
      "--no-color",
      "--no-notes",
      "--no-decorate",
      "--encoding=UTF-8",
      `--format=${FIELDS.join("%n")}`,
      // A stop that is not here any more is no stop.
      "--ignore-missing",
      ...(count === Number.POSITIVE_INFINITY ? [] : [`--max-count=${count}`]),
      tip,
      ...(stop === null ? [] : [`^${stop}`]),
      "--",
    ],
    parse({ exitCode, stdout, stderr }) {
      if (exitCode !== 0) throw new GitFailure({ code: "git_failed", command: "log", exitCode, words: stderr.trim() });
      return stdout.split("\0").filter(Boolean).map(readRecord);
    },
  };
}

function readRecord(record: string): Commit {
  const fields: string[] = [];
  let from = 0;
  while (fields.length < FIELDS.length - 1) {
    const end = record.indexOf("\n", from);
    fields.push(record.slice(from, end));
    from = end + 1;
  }
  const [oid = "", parents = "", tree = "", author = "", authorEmail = "", name = "", email = "", time = "0"] = fields;
  return {
    oid,
    parents: parents === "" ? [] : parents.split(" "),
    tree,
    author: { name: author, email: authorEmail },
    committer: { name, email },
    at: Number(time) * 1000,
    message: record.slice(from),
  };
}
