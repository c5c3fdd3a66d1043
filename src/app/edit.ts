import type { BoardChange } from "../domain/changes.ts";
import { shortened } from "../domain/printable.ts";
import { GitFailure } from "../git/errors.ts";
import { proposeEdit } from "../ledger/edit.ts";
import { exclusively } from "../ledger/group.ts";
import { readTip, type Tip } from "../ledger/tip.ts";
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
  const base = from === null ? await tipSeenLast(coordination) : await tipOf(coordination, from);
  if (base === null) {
    const message = `the base "${shortened(from ?? "", 80)}" is no commit of the coordination branch that this clone has seen`;
    return usage({ code: "bad_base", message, hint: "Give the whole commit id that `git coord board --json` shows." });
  }
  const edit = proposeEdit({ opId: ledger.random.opId(), text, from: base.text, person });
  const landing = () => transact(ledger, [edit], coordination.signal);
  const { answers, settled } = await exclusively(ledger, landing, coordination.signal);
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

async function tipSeenLast(coordination: Coordination): Promise<Tip> {
  const { ledger } = coordination;
  const known = await ledger.remote.knownTip();
  return known === null ? (await readBoard(coordination)).tip : readTip(ledger.objects, known);
}

/** Null when there is no such commit here. */
async function tipOf({ ledger }: Coordination, commit: string): Promise<Tip | null> {
  if (!/^[0-9a-f]{40}$/.test(commit)) return null;
  return readTip(ledger.objects, commit).catch((error: unknown) => {
    if (error instanceof GitFailure && error.code === "object_missing") return null;
    throw error;
  });
}
