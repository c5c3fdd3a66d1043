import type { Board, Lease } from "./board.ts";
import { findOrchestrator } from "./expiry.ts";
import { idKey, type OrchestratorId } from "./identifier.ts";
import { ruleOf } from "./lock-rule.ts";
import { overlaps, type Resource } from "./resource.ts";

/** A host without the name that was given at joining: `laptop (reviewer)` is on `laptop`. */
export function machineName(host: string): string {
  return host.replace(/ \(.*$/s, "");
}

/** The machine that an orchestrator works on; null when the board does not say. */
export function machineOf(board: Board, id: OrchestratorId): string | null {
  const host = findOrchestrator(board, id)?.host ?? null;
  return host === null ? null : machineName(host);
}

/** Of `leases`, those of others that count against `id` on `resource`: of a lock with scope host, those on its machine. */
export function rivalsOf(
  board: Board,
  leases: readonly Lease[],
  id: OrchestratorId,
  resource: Resource,
): readonly Lease[] {
  const others = leases.filter((lease) => idKey(lease.holder) !== idKey(id) && overlaps(lease.resource, resource));
  if (others.length === 0 || ruleOf(board, resource).scope === "fleet") return others;
  const here = machineOf(board, id);
  // Whoever is on no machine that we know of may be on any.
  return others.filter(({ holder }) => {
    const there = machineOf(board, holder);
    return here === null || there === null || here === there;
  });
}

/** How many rivals are too many for `id` to have `resource`: a file needs every one gone, a lock needs a free slot. */
export function excessOf(board: Board, resource: Resource, rivals: number): number {
  return resource.kind === "file" ? rivals : Math.max(0, rivals - ruleOf(board, resource).slots + 1);
}

/** Whether `id` can have `resource` beside these leases. */
export function hasPlace(board: Board, leases: readonly Lease[], id: OrchestratorId, resource: Resource): boolean {
  return excessOf(board, resource, rivalsOf(board, leases, id, resource).length) === 0;
}
