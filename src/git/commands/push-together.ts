import type { Oid } from "../../ledger/ports.ts";
import type { GitCommand } from "../run.ts";
import type { PushReport, PushRow } from "./push.ts";

/** One ref of code that travels with the ledger's. */
export interface CodeRef {
  readonly ref: string;
  /** What it is to point at. */
  readonly oid: Oid;
  readonly force: boolean;
}

export interface TogetherReport extends PushReport {
  /** What git said about each ref of code, by its name on the remote. */
  readonly code: ReadonlyMap<string, PushRow>;
}

/**
 * The ledger's push (`push.ts`) with refs of code beside it: the server takes all of them or none. When they have landed,
 * git moves `trackingRef` to the ledger's commit.
 */
export function pushTogether(
  remote: string,
  branch: string,
  base: Oid | null,
  commit: Oid,
  code: readonly CodeRef[],
  trackingRef: string,
): GitCommand<TogetherReport> {
  const ledger = `refs/heads/${branch}`;
  return {
    args: [
      ...["-c", `remote.${remote}.fetch=+${ledger}:${trackingRef}`],
      ...["push", "--porcelain", "--atomic", "--no-verify"],
      `--force-with-lease=${ledger}:${base ?? ""}`,
      remote,
      ...code.map(({ ref, oid, force }) => `${force ? "+" : ""}${oid}:${ref}`),
      `${commit}:${ledger}`,
    ],
    parse(result) {
      const rows = new Map(result.stdout.split("\n").flatMap(readRow));
      const row = rows.get(ledger) ?? null;
      rows.delete(ledger);
      return { result, row, code: rows };
    },
  };
}

function readRow(line: string): [string, PushRow][] {
  const [flag, refs, summary] = line.split("\t");
  const ref = refs?.slice(refs.indexOf(":") + 1);
  return flag?.length === 1 && ref !== undefined && summary !== undefined ? [[ref, { flag, summary }]] : [];
}
