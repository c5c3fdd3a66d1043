import type { Oid } from "../../ledger/ports.ts";
import type { GitCommand, GitResult } from "../run.ts";

/** What porcelain says about one ref: `flag TAB from:to TAB summary`. */
export interface PushRow {
  readonly flag: string;
  /** `[rejected] (stale info)`, or the old and the new commit. */
  readonly summary: string;
}

export interface PushReport {
  readonly result: GitResult;
  /** The row of our branch; null when git printed none. */
  readonly row: PushRow | null;
}

/**
 * Moves the remote's branch from exactly `base` (null: it must not exist) to `commit` (DESIGN 6). The lease is
 * the compare-and-swap; `--atomic` makes a server that cannot do it all say so. When it has landed, git moves
 * `trackingRef` to it.
 */
export function push(
  remote: string,
  branch: string,
  base: Oid | null,
  commit: Oid,
  trackingRef: string,
  receiver: string | null = null,
): GitCommand<PushReport> {
  const ref = `refs/heads/${branch}`;
  return {
    args: [
      "-c",
      `remote.${remote}.fetch=+${ref}:${trackingRef}`,
      "push",
      "--porcelain",
      "--atomic",
      `--force-with-lease=${ref}:${base ?? ""}`,
      "--no-verify",
      ...(receiver === null ? [] : [`--receive-pack=${receiver}`]),
      remote,
      `${commit}:${ref}`,
    ],
    parse: (result) => ({ result, row: findRow(result.stdout, ref) }),
  };
}

function findRow(stdout: string, ref: string): PushRow | null {
  for (const line of stdout.split("\n")) {
    const [flag, refs, summary] = line.split("\t");
    if (flag?.length === 1 && refs?.endsWith(`:${ref}`) && summary !== undefined) return { flag, summary };
  }
  return null;
}
