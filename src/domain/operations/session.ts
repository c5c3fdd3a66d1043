import type { Board, Orchestrator } from "../board.ts";
import { findOrchestrator } from "../expiry.ts";
import type { Actor } from "../request.ts";
import { machineName } from "../rivals.ts";
import { changeRow, enter, hostOf, isFading, leasesOf, standingOf, withoutOrchestrator } from "../session.ts";
import type { Context, Verdict } from "../verdict.ts";

/** Registers the actor. Joining again is success, and is written only when the session is running out or has a new name. */
export function join(board: Board, actor: Actor, context: Context): Verdict {
  const standing = standingOf(board, actor, context);
  if (standing.kind === "known") {
    const { row } = standing;
    const isAsWanted = row.session !== null && row.host === hostOf(board, row, actor);
    if (isAsWanted && !isFading(board, actor.id, context.at)) {
      return { kind: "unchanged", grant: { op: "join", orchestrator: row } };
    }
  }
  const entry = enter(board, actor, context);
  if (!entry.ok) return { kind: "refused", refusal: entry.refusal };
  const joined = changeRow(entry.board, actor.id, (row) => {
    // A new name for the same machine; hostOf has decided whether it may be another one.
    const isThere = row.host !== null && machineName(row.host) === machineName(actor.host);
    return isThere ? { ...row, host: actor.host } : row;
  });
  const orchestrator = findOrchestrator(joined, actor.id) as Orchestrator;
  return {
    kind: "granted",
    board: joined,
    grant: { op: "join", orchestrator },
    evidence: entry.evidence,
    archived: [],
  };
}

/** Gives back everything and deregisters. Leaving when not there is success. */
export function leave(board: Board, actor: Actor, context: Context): Verdict {
  const standing = standingOf(board, actor, context);
  switch (standing.kind) {
    case "taken":
      return { kind: "refused", refusal: { kind: "identity_taken", orchestrator: standing.row } };
    case "unknown":
      return { kind: "unchanged", grant: { op: "leave", released: [] } };
    case "known":
      return {
        kind: "granted",
        board: withoutOrchestrator(board, actor.id, `given up by ${actor.id}, who left`),
        grant: { op: "leave", released: leasesOf(board, actor.id).map((lease) => lease.resource) },
        evidence: [],
        archived: [],
      };
  }
}
