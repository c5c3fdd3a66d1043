import { isArchived } from "../archived.ts";
import type { Board, Lease } from "../board.ts";
import { heldBy } from "../clear.ts";
import { evidenceFor, observe, viewLease } from "../expiry.ts";
import { idKey } from "../identifier.ts";
import { archivedIds, findTask } from "../queue.ts";
import type { Actor, Break } from "../request.ts";
import { sameResource } from "../resource.ts";
import { dropLease } from "../session.ts";
import { readSettings } from "../settings.ts";
import type { Context, Evidence, LeaseView, Verdict } from "../verdict.ts";
import { signOfLifeIfKnown } from "./presence.ts";

/**
 * Frees leases of a holder that is gone; with `force` also live ones. It frees and never takes (FAILURES 20).
 * Breaking what nobody holds is success with nothing broken.
 */
export function breakLeases(board: Board, actor: Actor, wish: Break, context: Context): Verdict {
  const presence = signOfLifeIfKnown(board, actor, context);
  if (!presence.ok) return { kind: "refused", refusal: presence.refusal };
  const settings = readSettings(board);
  const evidence: Evidence[] = [...presence.evidence];
  const broken: LeaseView[] = [];
  let next = presence.board;
  for (const resource of wish.resources) {
    if (resource.kind === "task" && !findTask(board, resource.name)) {
      const known = isArchived(archivedIds(board), resource.name);
      return { kind: "refused", refusal: { kind: known ? "task_archived" : "no_such_task", id: resource.name } };
    }
    for (const lease of next.leases.filter((other) => sameResource(other.resource, resource))) {
      // As it was before the actor's own sign of life: that is what the evidence is about.
      const found = board.leases.find((other) => isSameHold(other, lease)) ?? lease;
      const proof = evidenceFor(observe(board, found), context, settings);
      if (!proof && !wish.force) return { kind: "refused", refusal: heldBy(board, lease, resource, context, actor) };
      if (proof) evidence.push(proof);
      broken.push(viewLease(board, found));
      next = dropLease(next, lease, `taken from ${lease.holder} by ${actor.id}: ${wish.reason}`);
    }
  }
  if (broken.length === 0) return { kind: "unchanged", grant: { op: "break", broken } };
  return { kind: "granted", board: next, grant: { op: "break", broken }, evidence, archived: [] };
}

const isSameHold = (one: Lease, other: Lease): boolean =>
  sameResource(one.resource, other.resource) && idKey(one.holder) === idKey(other.holder);
