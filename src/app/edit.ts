import type { BoardChange } from "../domain/changes.ts";
import { proposeEdit } from "../ledger/edit.ts";
import { readTip } from "../ledger/tip.ts";
import { transact } from "../ledger/transact.ts";
import { noticesOf } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import { done, failed, type Outcome, usage } from "./outcome.ts";
import { readBoard } from "./read.ts";

/**
 * Lands a whole board written by hand, as a manual edit of the git user.
 * @param from the commit whose board was edited; null: the board seen last by this clone. When others have
 *   changed the board since, the edit is refused as `stale_edit`: it would undo what they did.
 */
export async function apply(
  coordination: Coordination,
  text: string,
  from: string | null = null,
): Promise<Outcome<{ readonly changes: readonly BoardChange[] }>> {
  const { ledger, person } = coordination;
  const known = from ?? (await ledger.remote.knownTip());
  const base = known === null ? (await readBoard(coordination)).tip : await readTip(ledger.objects, known);
  const edit = proposeEdit({ opId: ledger.random.opId(), text, from: base.text, person });
  const { answers, settled } = await transact(ledger, [edit], coordination.signal);
  const { answer, tip } = answers[0] as NonNullable<(typeof answers)[0]>;
  const notices = noticesOf(coordination, tip, settled);
  switch (answer.kind) {
    case "landed":
      return done({ changes: answer.changes }, tip, notices);
    case "unchanged":
      return done({ changes: [] }, tip, notices);
    case "stale":
      return failed({ kind: "stale_edit", changes: answer.changes }, tip, notices);
    case "unusable": {
      const message = "the edited board cannot be used; nothing was changed";
      return usage({
        code: "bad_board_file",
        message,
        hint: "Mend these lines and try again.",
        problems: answer.problems,
      });
    }
  }
}
