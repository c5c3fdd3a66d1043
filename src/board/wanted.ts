import type { Board, Lease, Task } from "../domain/board.ts";
import { idKey, taskKey } from "../domain/identifier.ts";
import { BUILD, lock, resourceKey } from "../domain/resource.ts";
import {
  buildLockEntry,
  completedEntry,
  type Entry,
  fileLockEntry,
  inProgressEntry,
  namedLockEntry,
  orchestratorEntry,
  queueEntry,
  sameEntry,
  settingEntry,
  waiterEntry,
} from "./entries.ts";
import type { BoardDocument } from "./read.ts";
import type { SectionId } from "./sections.ts";

/** The rows that a board needs, section by section and in its order, with an eye on where the text has them. */
export type Wanted = ReadonlyMap<SectionId, readonly Entry[]>;

export function wantedEntries(board: Board, document: BoardDocument): Wanted {
  const byResource = new Map<string, Lease[]>();
  for (const lease of board.leases) {
    const key = resourceKey(lease.resource);
    const others = byResource.get(key);
    if (others) others.push(lease);
    else byResource.set(key, [lease]);
  }
  const build = buildLockOf(byResource.get(resourceKey(BUILD)) ?? [], document);
  return new Map<SectionId, readonly Entry[]>([
    ["buildLock", [buildLockEntry(build)]],
    ["orchestrators", board.orchestrators.map(orchestratorEntry)],
    ...taskEntries(board.tasks, byResource, document),
    ["namedLocks", namedLockEntries(board, build)],
    ["waiting", board.waiters.map(waiterEntry)],
    ["fileLocks", board.leases.filter(({ resource }) => resource.kind === "file").map(fileLockEntry)],
    ["settings", board.settings.map(settingEntry)],
  ]);
}

/** The Build Lock section has room for one: whoever stands there already, else the first. */
function buildLockOf(leases: readonly Lease[], document: BoardDocument): Lease | null {
  const shown = document.build.lease;
  return leases.find(({ holder }) => shown !== null && idKey(holder) === idKey(shown.holder)) ?? leases[0] ?? null;
}

function taskEntries(
  tasks: readonly Task[],
  leases: ReadonlyMap<string, readonly Lease[]>,
  document: BoardDocument,
): [SectionId, Entry[]][] {
  const inQueue = (key: string) => document.rows.get("queue")?.find(({ entry }) => entry?.key === key)?.entry;
  const queue: Entry[] = [];
  const inProgress: Entry[] = [];
  const completed: Entry[] = [];
  for (const task of tasks) {
    if (task.state === "queued") queue.push(queueEntry(task, null));
    else if (task.state === "done") completed.push(completedEntry(task));
    else {
      const lease = leases.get(`task:${taskKey(task.id)}`)?.[0] ?? null;
      // A task that was claimed in the queue, as in the original system, stays there until something changes.
      const asClaimed = lease && lease.since === null && lease.fence === null ? queueEntry(task, lease.holder) : null;
      const claimed = asClaimed && inQueue(asClaimed.key);
      if (claimed && asClaimed && sameEntry(claimed, asClaimed)) queue.push(asClaimed);
      else inProgress.push(inProgressEntry(task, lease));
    }
  }
  return [
    ["queue", queue],
    ["inProgress", inProgress],
    ["completed", completed],
  ];
}

/** Declared locks first, each with its leases or one free row; then the locks that nobody declared. */
function namedLockEntries(board: Board, build: Lease | null): Entry[] {
  const leases = board.leases.filter((lease) => lease.resource.kind === "lock" && lease !== build);
  const byLock = new Map<string, Lease[]>();
  for (const lease of leases) {
    const key = resourceKey(lease.resource);
    byLock.set(key, [...(byLock.get(key) ?? []), lease]);
  }
  const entries: Entry[] = [];
  for (const declared of board.locks) {
    const key = resourceKey(lock(declared.name));
    const held = byLock.get(key) ?? [];
    for (const lease of held) entries.push(namedLockEntry(declared, lease));
    if (held.length === 0) entries.push(namedLockEntry(declared, null));
    byLock.delete(key);
  }
  for (const lease of leases) {
    if (byLock.has(resourceKey(lease.resource)))
      entries.push(namedLockEntry({ name: lease.resource.name, slots: null }, lease));
  }
  return entries;
}
