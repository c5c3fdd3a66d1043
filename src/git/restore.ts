import type { Oid, Remote } from "../ledger/ports.ts";
import { isAncestor } from "./commands/is-ancestor.ts";
import type { PrivateGit } from "./private-git.ts";
import type { History } from "./shallow-history.ts";

/**
 * Puts the branch back to the tip that this clone saw last, when it was deleted or moved back: both are a
 * step forward from what is there now, published as an exact compare-and-swap. A branch that went another way
 * is left alone: what stands there may be somebody's only copy.
 */
export async function restoreBranch(
  git: PrivateGit,
  remote: Remote,
  history: History,
): Promise<"in_place" | "restored" | "diverged"> {
  const fetched = await remote.fetch();
  if (fetched.kind !== "rewritten") return "in_place";
  const { known, remote: there } = fetched;
  if (there !== null && !(await descends(git, history, known, there))) return "diverged";
  const outcome = await remote.push(there, known);
  return outcome.kind === "landed" || outcome.kind === "up_to_date" ? "restored" : "diverged";
}

/** What stands there now may be older than all that was fetched of the branch. */
async function descends(git: PrivateGit, history: History, known: Oid, there: Oid): Promise<boolean> {
  if ((await git.run(isAncestor(there, known))) === true) return true;
  for (const commit of history.boundary()) await history.bring(commit, null);
  return (await git.run(isAncestor(there, known))) === true;
}
