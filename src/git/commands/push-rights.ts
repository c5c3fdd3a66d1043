import type { Oid } from "../../ledger/ports.ts";
import type { GitCommand } from "../run.ts";

/**
 * Asks the remote whether it would let us push, and sends nothing: the connection, the login and the right to
 * write are checked, hooks and protections are not. Null when it would; else what it said.
 */
export function pushRights(remote: string, branch: string, tip: Oid): GitCommand<string | null> {
  return {
    args: [
      "push",
      "--dry-run",
      "--porcelain",
      "--no-verify",
      "--recurse-submodules=no",
      remote,
      `${tip}:refs/heads/${branch}`,
    ],
    parse: ({ exitCode, stdout, stderr }) => (exitCode === 0 ? null : stderr.trim() || stdout.trim()),
  };
}
