import type { Holding } from "../domain/request.ts";
import { formatResource, parseResource, type Resource, sameResource } from "../domain/resource.ts";
import type { Grant, Refusal } from "../domain/verdict.ts";
import type { HeldFence } from "../ledger/ports.ts";

/**
 * What an orchestrator believes to hold, kept on its machine and changed by its own acts only: what others
 * take from it stays in this list until it is told, so that a renewal cannot look healthy (FAILURES 16).
 * @param onBoard what the board says that it holds after the grant
 */
export function afterGrant(
  before: readonly HeldFence[],
  grant: Grant,
  onBoard: readonly HeldFence[],
): readonly HeldFence[] {
  if (grant.op === "leave") return [];
  const gained = "leases" in grant ? grant.leases : [];
  const released = "released" in grant ? grant.released : [];
  const kept = before.filter(
    ({ resource }) =>
      !isAmong(resource, released) &&
      !isAmong(
        resource,
        gained.map(({ resource }) => resource),
      ),
  );
  const current = kept.map((held): HeldFence => {
    const own = toHoldings([held]).map(({ resource }) => resource);
    const lease = onBoard.find(({ resource }) => isAmong(resource, own));
    return lease ? { ...held, fence: lease.fence } : held;
  });
  return [...current, ...gained.map(({ resource, fence }) => ({ resource: formatResource(resource), fence }))];
}

/** A loss that was told is not told again. */
export function afterRefusal(before: readonly HeldFence[], refusal: Refusal): readonly HeldFence[] {
  if (refusal.kind === "session_over" || refusal.kind === "identity_taken") return [];
  return refusal.kind === "lost" ? before.filter(({ resource }) => !isAmong(resource, [refusal.resource])) : before;
}

export function toHoldings(held: readonly HeldFence[]): readonly Holding[] {
  return held.flatMap(({ resource, fence }) => {
    const reading = parseResource(resource);
    return reading?.ok ? [{ resource: reading.resource, fence }] : [];
  });
}

function isAmong(text: string, resources: readonly Resource[]): boolean {
  const reading = parseResource(text);
  return reading?.ok === true && resources.some((resource) => sameResource(resource, reading.resource));
}
