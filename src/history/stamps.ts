import { type Instant, parseInstant } from "../domain/instant.ts";
import type { Commit } from "../ledger/ports.ts";
import { parseTrailers, single } from "../ledger/trailers.ts";

/** When a commit was made: by its `Coord-At`, else by git's own date. Reads no more of the message than that. */
export function stampOf(commit: Commit): Instant {
  const at = single(parseTrailers(commit.message), "Coord-At");
  return (at === null ? null : parseInstant(at)) ?? commit.at;
}

/** Of commits, newest first, the index of the one that stood at that time; -1 when the chain is younger. */
export function indexAt(commits: readonly Commit[], at: Instant): number {
  return commits.findIndex((commit) => stampOf(commit) <= at);
}
