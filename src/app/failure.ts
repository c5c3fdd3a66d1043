/** The failures of the environment, for faces that may not import the layers that throw them. */
export { GitFailure, type GitFailureData, wordsOfNotKept } from "../git/errors.ts";
export { type FailureData, LedgerFailure } from "../ledger/failure.ts";
