import type { Oid } from "../../ledger/ports.ts";
import { GitFailure } from "../errors.ts";
import type { GitCommand } from "../run.ts";

/** The commit of a chain that carries this op id; null when none does. */
export function opIdHolder(tip: Oid, opId: string): GitCommand<Oid | null> {
  return {
    args: [
      ...["--no-replace-objects", "-c", "log.showSignature=false", "log", "--first-parent", "--fixed-strings"],
      `--grep=Coord-Op-Id: ${opId}`,
      ...["--format=%H%x00%(trailers:key=Coord-Op-Id,valueonly,separator=%x00)", tip, "--"],
    ],
    parse({ exitCode, stdout, stderr }) {
      if (exitCode !== 0) throw new GitFailure({ code: "git_failed", command: "log", exitCode, words: stderr.trim() });
      const hit = stdout.split("\n").find((line) => line.split("\0").slice(1).includes(opId));
      return hit?.slice(0, 40) ?? null;
    },
  };
}
