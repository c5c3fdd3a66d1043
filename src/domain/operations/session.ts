import type { Board, Orchestrator } from "../board.ts";
import { findOrchestrator } from "../expiry.ts";
import type { Actor } from "../request.ts";
import { enter, isFading, leasesOf, standingOf, withoutOrchestrator } from "../session.ts";
import type { Context, Verdict } from "../verdict.ts";

/** Registers the actor. Joining again is success, and is written only when the session is running out. */
export function join(board: Board, actor: Actor, context: Context): Verdict {
  const standing = standingOf(board, actor, context);
  if (standing.kind === "known" && standing.row.session !== null && !isFading(board, actor.id, context.at)) {
    return { kind: "unchanged", grant: { op: "join", orchestrator: standing.row } };
  }
  const entry = enter(board, actor, context);
  if (!entry.ok) return { kind: "refused", refusal: entry.refusal };
  const orchestrator = findOrchestrator(entry.board, actor.id) as Orchestrator;
  return {
    kind: "granted",
    board: entry.board,
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
        board: withoutOrchestrator(board, actor.id),
        grant: { op: "leave", released: leasesOf(board, actor.id).map((lease) => lease.resource) },
        evidence: [],
        archived: [],
      };
  }
}
