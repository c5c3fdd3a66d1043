/** What an observer outside writes down: who asked what and when, and what was answered and when. */
import type { Request } from "../../src/domain/request.ts";
import type { Answer as Told } from "../../src/ledger/batch.ts";
import type { FailureData } from "../../src/ledger/failure.ts";
import type { Oid } from "../../src/ledger/ports.ts";
import type { Settlement } from "../../src/ledger/settle.ts";

/** One command: a transaction of one or several requests, or the founding of the branch. */
export interface Call {
  readonly machine: string;
  readonly process: string;
  readonly requests: readonly Pick<Request, "opId">[];
  readonly asked: number;
  /** Where the server's branch was when it was asked. */
  readonly tipThen: Oid | null;
  /** When it was answered, or its process died; Infinity before. */
  ended: number;
  /** Whether its process goes on to live after the answer. */
  readonly stays: boolean;
  outcome: Outcome;
  /** The tip that the process believes in after the call. */
  belief: Oid | null;
  /** Op ids that the ledger drew by itself: roots and barriers. */
  readonly drawn: string[];
}

export type Outcome =
  | { readonly kind: "answers"; readonly answers: readonly Answer[]; readonly settled: readonly Settlement[] }
  | { readonly kind: "founded"; readonly how: "created" | "attached" }
  | { readonly kind: "failed"; readonly code: FailureData["code"] }
  /** Not answered: its process died. */
  | { readonly kind: "crashed" }
  /** An exception that no command may end with. */
  | { readonly kind: "bug"; readonly error: unknown };

/** A command that `run` has started, from outside: when it ran, and on whose leases it relied. */
export interface Work {
  readonly process: string;
  readonly machine: string;
  readonly holder: string;
  readonly resources: readonly string[];
  readonly fence: number;
  readonly started: number;
  ended: number;
}

/** The answer to one request, in the order of the call's requests. */
export interface Answer {
  readonly verdict: Told["verdict"];
  readonly written: boolean;
  /** The commit that grants it, or the tip that it was decided on. */
  readonly tip: Oid;
}

/** A rule of DESIGN 9 that does not hold, or `replay`, or `bug`. */
export interface Violation {
  readonly invariant: "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8" | "I9" | "I10" | "replay" | "bug";
  readonly what: string;
}
