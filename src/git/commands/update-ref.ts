import type { Oid } from "../../ledger/ports.ts";
import type { GitCommand, GitResult } from "../run.ts";

/**
 * Moves a local ref from exactly `from` (null: it must not exist) to `to`. As a script, since that form answers
 * `start: ok`, and simple-git waits a while for the output of a silent git.
 */
export function updateRef(ref: string, from: Oid | null, to: Oid): GitCommand<GitResult> {
  return {
    args: ["update-ref", "--stdin"],
    input: `start\nupdate ${ref} ${to} ${from ?? "0".repeat(40)}\ncommit\n`,
    parse: (result) => result,
  };
}
