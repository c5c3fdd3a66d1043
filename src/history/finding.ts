import type { BoardChange } from "../domain/changes.ts";
import type { Instant } from "../domain/instant.ts";
import type { Refusal } from "../domain/verdict.ts";
import type { Oid } from "../ledger/ports.ts";

/** What can be wrong with one commit of the chain. Stable: for tests and machines. */
export type FindingCode =
  /** A merge, or a second root. */
  | "several_parents"
  /** A commit without a parent that does not found the board, or a founding one in the middle. */
  | "misplaced"
  /** Trailers that this program never writes: missing, twice, an unknown operation. */
  | "malformed"
  | "unreadable_board"
  | "two_holders"
  | "contradictory_board"
  /** The request would have been refused: an illegal transition. */
  | "refused_request"
  /** The request gives another board than the commit has. */
  | "other_board"
  /** Something else in the tree was changed, or the archive is not what it should be. */
  | "other_files"
  /** `Coord-Resource` or `Coord-Evidence` are not those of the request. */
  | "wrong_trailers"
  | "wrong_author"
  | "wrong_seq"
  /** The commit's own date is not its `Coord-At`. */
  | "wrong_date"
  | "time_backwards"
  /** Dated later than this machine's clock, by more than the tolerance. */
  | "from_the_future"
  /** Something was taken from its holder before its time was over, by the ledger's own time. */
  | "weak_evidence"
  | "duplicate_op_id"
  | "bad_op_id"
  /** A person changed leases by hand: legal, and worth a look. */
  | "manual_edit"
  /** A hand edit that gives a lease a fence that no commit granted. */
  | "forged_fence"
  /** A repair of a board that was in order, or to a board that never was. */
  | "needless_repair"
  /** A barrier that changes something. */
  | "barrier_with_effect"
  /** The branch no longer contains what this clone has seen of it. */
  | "rewritten";

export interface Finding {
  readonly code: FindingCode;
  /** `warning`: legal, but somebody should look; the rest is not what an honest program writes. */
  readonly severity: "error" | "warning";
  readonly commit: Oid;
  readonly seq: number;
  readonly at: Instant;
  /** Who it says did it: the actor, or the git author of a manual edit. */
  readonly actor: string;
  readonly message: string;
  /** What differs from what the request gives, or what a hand edit did. */
  readonly changes: readonly BoardChange[];
  /** Why the request would have been refused. */
  readonly refusal: Refusal | null;
}

/** What a checker says about the commit that is looked at; where that is, is filled in by whoever runs it. */
export interface Objection {
  readonly code: FindingCode;
  readonly message: string;
  readonly severity?: Finding["severity"];
  readonly changes?: readonly BoardChange[];
  readonly refusal?: Refusal;
}
