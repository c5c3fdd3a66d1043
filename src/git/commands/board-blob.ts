import type { Oid } from "../../ledger/ports.ts";
import type { GitCommand } from "../run.ts";

/** The text of a file in a commit of a repository; null when it cannot be read. */
export function boardBlob(gitDir: string, commit: Oid, file: string): GitCommand<string | null> {
  return {
    args: [`--git-dir=${gitDir}`, "cat-file", "blob", `${commit}:${file}`],
    parse: ({ exitCode, stdout }) => (exitCode === 0 ? stdout : null),
  };
}
