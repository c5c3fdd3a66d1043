import { readSettings } from "../domain/settings.ts";
import { readEntry } from "../ledger/entry.ts";
import { LedgerFailure } from "../ledger/failure.ts";
import type { ObjectStore } from "../ledger/ports.ts";
import { readTip, type Tip } from "../ledger/tip.ts";
import { replay } from "./replay.ts";

/**
 * With the setting `Strict`, a commit whose trailers do not replay to its board is refused as a base
 * (DESIGN 5). Manual edits stay legal. Returns the failure to throw, or null when the tip is a good base.
 */
export async function strictObjection(objects: ObjectStore, tip: Tip): Promise<LedgerFailure | null> {
  if (!readSettings(tip.board).strict) return null;
  const commit = await objects.readCommit(tip.commit);
  const reading = readEntry(commit.message);
  const parent = commit.parents[0];
  const refuse = (message: string): LedgerFailure =>
    new LedgerFailure({
      code: "bad_board",
      commit: tip.commit,
      problems: [{ line: null, code: "not_replayable", message }],
    });
  if (reading.kind === "malformed")
    return refuse(`commit ${tip.commit} has trailers that cannot be read: ${reading.why}`);
  if (reading.kind === "manual" || parent === undefined) return null;
  const result = await replay(await readTip(objects, parent), reading.entry, tip.text);
  return result.kind === "same" || result.kind === "not_replayed"
    ? null
    : refuse(`commit ${tip.commit} does not do what it says (${reading.entry.op} by ${reading.entry.actor})`);
}
