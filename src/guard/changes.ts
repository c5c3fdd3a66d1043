import type { Board, Lease } from "../domain/board.ts";
import { isOver, leaseExpiry } from "../domain/expiry.ts";
import { idKey, type OrchestratorId } from "../domain/identifier.ts";
import type { Instant } from "../domain/instant.ts";
import { pathKey } from "../domain/path.ts";
import { formatResource } from "../domain/resource.ts";
import type { Oid } from "../ledger/ports.ts";
import type { Policy, Remark, Ruling } from "./ruling.ts";

/** What one commit touches. */
export interface Change {
  /** Null: the commit that is being made. */
  readonly commit: Oid | null;
  /** Who made it; null: nobody says. */
  readonly by: OrchestratorId | null;
  /** Both sides of a rename. */
  readonly paths: readonly string[];
}

/**
 * Whether these changes meet a live lease of somebody else. Who has no identity is warned and not stopped, unless
 * the board requires one (FAILURES 32).
 */
export function ruleOnChanges(board: Board, changes: readonly Change[], at: Instant, policy: Policy): Ruling {
  const held = indexLeases(board, at);
  const remarks: Remark[] = [];
  let pass = true;
  for (const { commit, by, paths } of changes) {
    if (by === null && policy.requireIdentity) {
      remarks.push({ kind: "no_identity", commit });
      pass = false;
    }
    for (const path of paths) {
      const lease = rivalOf(held, path, by);
      if (!lease) continue;
      remarks.push(heldRemark(board, lease, { commit, by, path }));
      if (by !== null) pass = false;
    }
  }
  return { pass, remarks };
}

function heldRemark(
  board: Board,
  lease: Lease,
  place: { readonly commit: Oid | null; readonly by: OrchestratorId | null; readonly path: string },
): Remark {
  const { holder, resource } = lease;
  return { kind: "held", ...place, resource: formatResource(resource), holder, until: leaseExpiry(board, lease) };
}

/** Live leases on files by the key of their path, and by the keys of the folders above it. */
interface Held {
  readonly at: ReadonlyMap<string, readonly Lease[]>;
  readonly below: ReadonlyMap<string, readonly Lease[]>;
}

function indexLeases(board: Board, at: Instant): Held {
  const [exact, below] = [new Map<string, Lease[]>(), new Map<string, Lease[]>()];
  for (const lease of board.leases) {
    if (lease.resource.kind !== "file" || isOver(leaseExpiry(board, lease), at)) continue;
    const key = pathKey(lease.resource.name);
    push(exact, key, lease);
    for (const folder of foldersOf(key)) push(below, folder, lease);
  }
  return { at: exact, below };
}

function push(map: Map<string, Lease[]>, key: string, lease: Lease): void {
  const list = map.get(key);
  if (list) list.push(lease);
  else map.set(key, [lease]);
}

function foldersOf(key: string): string[] {
  const folders: string[] = [];
  for (let end = key.lastIndexOf("/"); end > 0; end = key.lastIndexOf("/", end - 1)) folders.push(key.slice(0, end));
  return folders;
}

/** A lease of somebody else on the path, on a folder above it, or on something below it. */
function rivalOf(held: Held, path: string, by: OrchestratorId | null): Lease | undefined {
  const key = pathKey(path);
  const near = [key, ...foldersOf(key)].flatMap((each) => held.at.get(each) ?? []);
  const all = [...near, ...(held.below.get(key) ?? [])];
  return all.find(({ holder }) => by === null || idKey(holder) !== idKey(by));
}
