import type { BoardProblem } from "../domain/board.ts";
import type { BoardChange } from "../domain/changes.ts";
import type { Refusal } from "../domain/verdict.ts";
import type { Oid } from "../ledger/ports.ts";
import type { Settlement } from "../ledger/settle.ts";
import type { Tip } from "../ledger/tip.ts";

/** Something to tell besides the answer: what was settled first, a clock that is off. */
export type Notice =
  | { readonly kind: "settled"; readonly settlement: Settlement }
  /** The ledger's time is ahead of the local clock by so many milliseconds: somebody's clock is wrong. */
  | { readonly kind: "clock_behind"; readonly by: number };

/** Why a request was not even asked: it is wrong in itself (exit 2). */
export interface UsageProblem {
  readonly code:
    | "no_identity"
    | "bad_identifier"
    | "bad_path"
    | "bad_duration"
    | "bad_number"
    | "bad_text"
    | "bad_time"
    | "bad_resource"
    | "nothing_asked"
    | "bad_base"
    | "bad_board_file"
    | "bad_push";
  readonly message: string;
  readonly hint: string | null;
  /** For a board given as a file: where it is wrong. */
  readonly problems?: readonly BoardProblem[];
}

export type Failure =
  | { readonly kind: "usage"; readonly problem: UsageProblem }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** A hand edit made on a board that others have changed since. */
  | { readonly kind: "stale_edit"; readonly changes: readonly BoardChange[] }
  /** `init --from` where a coordination branch with another board is already there. */
  | { readonly kind: "already_there"; readonly commit: Oid };

/**
 * What every use case returns. A broken environment (the remote cannot be reached, the board is unreadable,
 * an outcome is unknown) is not a value but a thrown `LedgerFailure`.
 */
export type Outcome<T> =
  | {
      readonly ok: true;
      readonly value: T;
      readonly seq: number;
      readonly commit: Oid;
      readonly notices: readonly Notice[];
    }
  | {
      readonly ok: false;
      readonly failure: Failure;
      /** The tip that the answer was given on; null when nobody was asked. */
      readonly seq: number | null;
      readonly commit: Oid | null;
      readonly notices: readonly Notice[];
    };

export function usage(problem: UsageProblem): Outcome<never> {
  return { ok: false, failure: { kind: "usage", problem }, seq: null, commit: null, notices: [] };
}

type Place = Pick<Tip, "seq" | "commit">;

export function done<T>(value: T, tip: Place, notices: readonly Notice[] = []): Outcome<T> {
  return { ok: true, value, seq: tip.seq, commit: tip.commit, notices };
}

export function failed(failure: Failure, tip: Place, notices: readonly Notice[] = []): Outcome<never> {
  return { ok: false, failure, seq: tip.seq, commit: tip.commit, notices };
}
