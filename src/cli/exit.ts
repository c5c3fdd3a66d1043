/** The exit codes of CLI.md, by the `code` that JSON shows. */
export const EXIT = {
  internal: 1,
  usage: 2,
  held: 3,
  not_found: 4,
  nothing_ready: 4,
  lost: 5,
  environment: 6,
  unknown: 7,
  bad_board: 8,
} as const;

export type FailureCode = keyof typeof EXIT;

/** Thrown by the process around the command line for what it can put in words itself. */
export class Reported extends Error {
  constructor(readonly report: FailureReport) {
    super(report.message);
  }
}

/** A failure in words: what the terminal and JSON show. */
export interface FailureReport {
  readonly code: FailureCode;
  readonly message: string;
  /** The next sensible command; never one that destroys anything (FAILURES 25). */
  readonly hint: string | null;
  /** Further fields of the JSON document. */
  readonly data?: Readonly<Record<string, unknown>>;
}
