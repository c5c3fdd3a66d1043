import type { Oid } from "../../ledger/ports.ts";
import type { GitCommand } from "../run.ts";

/** Whether `ancestor` is in the history of `descendant`; null when one of them is not here. */
export function isAncestor(ancestor: Oid, descendant: Oid): GitCommand<boolean | null> {
  return {
    args: ["merge-base", "--is-ancestor", ancestor, descendant],
    parse: ({ exitCode }) => (exitCode === 0 ? true : exitCode === 1 ? false : null),
  };
}
