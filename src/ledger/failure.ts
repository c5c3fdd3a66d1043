import type { BoardProblem } from "../domain/board.ts";
import type { Instant } from "../domain/instant.ts";
import type { Oid, Remote } from "./ports.ts";

/** Why the ledger could not answer. Expected refusals are verdicts, not failures. */
export type FailureData =
  /** The remote has no coordination branch. */
  | { readonly code: "no_branch" }
  /** Nothing was sent, or nothing of it can land any more. `retryAfter`: the remote has had too many requests. */
  | { readonly code: "unreachable"; readonly words: string; readonly retryAfter?: Instant }
  /** The remote said no for a reason of its own: a hook, a protection, a permission, a left-over lock. */
  | { readonly code: "remote_refused"; readonly words: string }
  /** Given up after an outcome in doubt, or at the caller's wish; it has not landed and cannot any more. */
  | { readonly code: "abandoned"; readonly words: string }
  /** Another process of this clone has had the machine's lock for too long. Nothing was written. */
  | { readonly code: "busy"; readonly pid?: number }
  /** Others won every attempt. Nothing was written. */
  | { readonly code: "contention"; readonly attempts: number }
  /** It may have landed, or may still. The record stays; the next command settles it. */
  | {
      readonly code: "unknown";
      readonly words: string;
      readonly commit: Oid | null;
      readonly retryAfter?: Instant;
    }
  /** The tip's board cannot be read or contradicts itself. Every write stops until it is repaired. */
  | { readonly code: "bad_board"; readonly commit: Oid; readonly problems: readonly BoardProblem[] }
  /** The branch is gone or does not descend from what was seen before. */
  | { readonly code: "rewritten"; readonly known: Oid; readonly remote: Oid | null }
  /**
   * Only the newest commits were fetched yet, and what stands before this one could not be brought.
   * `isAnswering`: the remote answers, and does not give it.
   */
  | { readonly code: "history_cut"; readonly commit: Oid; readonly isAnswering: boolean; readonly words: string }
  /** The tip's time is more than a day ahead of this machine's clock. */
  | { readonly code: "far_ahead"; readonly commit: Oid; readonly at: Instant; readonly clock: Instant };

/** Thrown for a broken environment; one place of each face maps `data` to words and exit codes. */
export class LedgerFailure extends Error {
  override readonly name = "LedgerFailure";
  constructor(readonly data: FailureData) {
    super(data.code);
  }
  get code(): FailureData["code"] {
    return this.data.code;
  }
}

/** What a failure tells of a remote that has had too many requests: until when it wants to be left alone. */
export async function restOf(remote: Remote): Promise<{ readonly retryAfter?: Instant }> {
  const retryAfter = await remote.restsUntil();
  return retryAfter === null ? {} : { retryAfter };
}

export async function unreachable(remote: Remote, words: string): Promise<LedgerFailure> {
  return new LedgerFailure({ code: "unreachable", words, ...(await restOf(remote)) });
}
