import type { Board } from "../board.ts";
import type { Actor } from "../request.ts";
import { type Entry, enter, standingOf } from "../session.ts";
import type { Context } from "../verdict.ts";

/**
 * For requests that need a name but no session (adding a task, a setting, breaking a lease): a registered
 * actor gets its sign of life, a stranger stays unregistered, and an id of another live session is refused.
 */
export function signOfLifeIfKnown(board: Board, actor: Actor, context: Context): Entry {
  const standing = standingOf(board, actor, context);
  if (standing.kind === "unknown") return { ok: true, board, evidence: [] };
  if (standing.kind === "taken" && standing.over) return { ok: true, board, evidence: [standing.over] };
  return enter(board, actor, context);
}
