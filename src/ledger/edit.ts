import { parseBoard } from "../board/index.ts";
import type { BoardProblem } from "../domain/board.ts";
import { type BoardChange, boardChanges } from "../domain/changes.ts";
import { contradictions } from "../domain/consistency.ts";
import { shortened } from "../domain/printable.ts";
import type { Oid, Person } from "./ports.ts";
import type { Proposal } from "./proposal.ts";
import { BOARD_FILE } from "./tip.ts";

/** A whole board as a person wants it, made from the board of one commit. */
export interface Edit {
  readonly opId: string;
  readonly text: string;
  /** The board's text that the person started from: on any other board the edit would undo what others did. */
  readonly from: string;
  readonly person: Person;
}

export type EditAnswer =
  | { readonly kind: "landed"; readonly changes: readonly BoardChange[] }
  | { readonly kind: "unchanged" }
  /** The board is not the one that was edited any more. */
  | { readonly kind: "stale"; readonly tip: Oid; readonly changes: readonly BoardChange[] }
  | { readonly kind: "unusable"; readonly problems: readonly BoardProblem[] };

/** A hand edit as a proposal. It is never merged: on a board that has moved on it is refused (FAILURES 7). */
export function proposeEdit(edit: Edit): Proposal<EditAnswer> {
  return {
    opId: edit.opId,
    async decide(tip, context) {
      if (edit.text === tip.text) return { kind: "stop", answer: { kind: "unchanged" } };
      if (edit.from !== tip.text) {
        const before = parseBoard(edit.from);
        const changes = before.ok ? boardChanges(before.board, tip.board) : [];
        return { kind: "stop", answer: { kind: "stale", tip: tip.commit, changes } };
      }
      const reading = parseBoard(edit.text);
      const problems = reading.ok ? contradictions(reading.board, context.seq) : reading.problems;
      if (!reading.ok || problems.length > 0) return { kind: "stop", answer: { kind: "unusable", problems } };
      const rows = boardChanges(tip.board, reading.board);
      const changes: readonly BoardChange[] =
        rows.length > 0 ? rows : [{ change: "changed", what: "text", name: BOARD_FILE }];
      const draft = {
        files: new Map([[BOARD_FILE, edit.text]]),
        subject: shortened(`edit: ${changes.map(({ change, name }) => `${name} ${change}`).join(", ")}`, 90),
        body: "",
        author: edit.person,
        entry: { op: "edit", actor: edit.person.name, resources: [], evidence: [], request: null } as const,
        request: null,
      };
      return { kind: "write", draft, answer: { kind: "landed", changes } };
    },
  };
}
