import type { Oid } from "../../ledger/ports.ts";
import type { GitCommand, GitResult } from "../run.ts";

/** Moves a local ref from exactly `from` (null: it must not exist) to `to`. */
export function updateRef(ref: string, from: Oid | null, to: Oid): GitCommand<GitResult> {
  return {
    args: ["update-ref", ref, to, from ?? "0".repeat(40)],
    parse: (result) => result,
  };
}
