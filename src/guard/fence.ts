import type { Board, Lease } from "../domain/board.ts";
import { isOver, leaseExpiry } from "../domain/expiry.ts";
import { idKey, type OrchestratorId } from "../domain/identifier.ts";
import type { Instant } from "../domain/instant.ts";
import { covers, formatResource, type Resource } from "../domain/resource.ts";
import { PASS, type Ruling } from "./ruling.ts";

/** Whether a fence is that of a lease which protects the resource now. */
export function isCurrent(board: Board, resource: Resource, fence: number, at: Instant): boolean {
  return board.leases.some(
    (lease) => lease.fence === fence && covers(lease.resource, resource) && !isOver(leaseExpiry(board, lease), at),
  );
}

/**
 * Refuses work that is done under a lock which was lost meanwhile.
 * @param fences the text of `COORD_FENCE`: one fence or several, also as `lock:build=42`; null: it is not set
 */
export function ruleOnFences(
  board: Board,
  fences: string | null,
  identity: OrchestratorId | null,
  at: Instant,
): Ruling {
  const live = board.leases.filter((lease) => !isOver(leaseExpiry(board, lease), at));
  const own = live.filter(({ holder }) => identity === null || idKey(holder) === idKey(identity));
  const stale = (fences ?? "").split(/[\s,;]+/).filter((text) => text !== "" && !isOwn(text));
  if (stale.length === 0) return PASS;
  return { pass: false, remarks: stale.map((fence) => ({ kind: "stale_fence", fence, identity })) };

  function isOwn(text: string): boolean {
    const [, resource, number] = /^(?:(.+)=)?(\d{1,15})$/.exec(text) ?? [];
    const isAbout = (lease: Lease) => resource === undefined || formatResource(lease.resource) === resource;
    return number !== undefined && own.some((lease) => lease.fence === Number(number) && isAbout(lease));
  }
}
