import { formatBoard, parseBoard } from "../board/index.ts";
import { initialSettings } from "../domain/settings.ts";
import { found } from "../ledger/found.ts";
import { exclusively } from "../ledger/group.ts";
import type { Coordination } from "./coordination.ts";
import { done, failed, type Outcome, usage } from "./outcome.ts";

export interface Initialised {
  readonly branch: string;
  readonly remote: string;
  /** False when the branch was there already. */
  readonly created: boolean;
}

/**
 * Creates the coordination branch, or attaches to the one that is there: never a second root. Without any
 * remote it makes the embedded one.
 * @param from the text of an existing board to take over, the original system's included. Refused when a
 *   branch with another board is there already: nothing of `from` would be used.
 * @throws LedgerFailure
 */
export async function init(coordination: Coordination, from: string | null = null): Promise<Outcome<Initialised>> {
  const { ledger, setup, branch, remoteName } = coordination;
  await setup.prepareRemote();
  const text = from ?? (await freshBoard(coordination));
  const founding = await exclusively(ledger, () => found(ledger, text, coordination.signal), coordination.signal);
  if (founding.kind === "unusable") {
    const message = "the board to take over cannot be used";
    return usage({
      code: "bad_board_file",
      message,
      hint: "Mend these lines, then run it again.",
      problems: founding.problems,
    });
  }
  const created = founding.kind === "created";
  if (!created && from !== null && from !== founding.tip.text) {
    return failed({ kind: "already_there", commit: founding.tip.commit }, founding.tip);
  }
  return done({ branch, remote: remoteName, created }, founding.tip);
}

async function freshBoard({ setup }: Coordination): Promise<string> {
  const template = await setup.template();
  const reading = parseBoard(template);
  if (!reading.ok) throw new Error(`the board template is broken: ${reading.problems[0]?.message}`);
  return formatBoard({ ...reading.board, settings: initialSettings() }, template);
}
