import type { Lease, LockDeclaration, Orchestrator, SettingRow, Task, Waiter } from "../domain/board.ts";
import { idKey, type OrchestratorId, taskKey } from "../domain/identifier.ts";
import { formatResource, lock, type Resource, resourceKey } from "../domain/resource.ts";
import type { Value } from "./values.ts";

/**
 * What a row of a section says, column by column. The same functions make the entries that a text has
 * and those that a board wants, so that "nothing changed" is one comparison.
 */
export interface Entry {
  /** Unique within its section; finds the row again. */
  readonly key: string;
  /** What the row is about when nobody holds it: a free row of that may become a held one, and back. */
  readonly about: string | null;
  readonly isFree: boolean;
  readonly values: Readonly<Record<string, Value>>;
}

/** The entry of a thing, once for each: comparing it with itself takes no time. */
function once<T extends object>(make: (thing: T) => Entry): (thing: T) => Entry {
  const known = new WeakMap<T, Entry>();
  return (thing) => {
    const entry = known.get(thing) ?? make(thing);
    known.set(thing, entry);
    return entry;
  };
}

const entry = (key: string, values: Entry["values"]): Entry => ({ key, about: null, isFree: false, values });

/** Texts that may not be null are "" on the board, and `-` in their cell. */
const orNothing = (text: string): Value => (text === "" ? null : text);

export function sameEntry(a: Entry, b: Entry): boolean {
  if (a === b) return true;
  return Object.keys(a.values).every((key) => a.values[key] === b.values[key]);
}

export function buildLockEntry(lease: Lease | null): Entry {
  const { holder = null, since = null, expires = null, fence = null, reason = null } = lease ?? {};
  return entry("build", { lockedBy: holder, lockedAt: since, expires, fence, reason });
}

export const orchestratorEntry = once((orchestrator: Orchestrator): Entry => {
  const { id, status, currentTask, lastSeen, host, session, expires } = orchestrator;
  return entry(idKey(id), { id, status: orNothing(status), currentTask, lastSeen, host, session, expires });
});

/** `claimedBy`: in the original system a claimed task stays in the queue for a moment. */
export function queueEntry(task: Task, claimedBy: OrchestratorId | null): Entry {
  const free = freeEntry(task);
  return claimedBy === null ? free : { ...free, values: { ...free.values, claimedBy } };
}

const freeEntry = once(({ id, priority, title, area, after, note }: Task): Entry => {
  const names = after.length > 0 ? after.join(", ") : null;
  return entry(taskKey(id), { id, priority, task: orNothing(title), area, claimedBy: null, after: names, note });
});

export function inProgressEntry({ id, priority, title, area }: Task, lease: Lease | null): Entry {
  const { holder = null, since = null, fence = null } = lease ?? {};
  return entry(taskKey(id), { id, priority, task: orNothing(title), area, claimedBy: holder, since, fence });
}

export const completedEntry = once(({ id, title, completedBy, completedAt, note }: Task): Entry => {
  return entry(taskKey(id), { id, task: orNothing(title), completedBy, completedAt, note });
});

const heldKey = (resource: Resource, holder: OrchestratorId | null) =>
  `${resourceKey(resource)} ${holder === null ? "" : idKey(holder)}`;

export function namedLockEntry(
  declared: Pick<LockDeclaration, "name"> & { readonly slots: number | null },
  lease: Lease | null,
): Entry {
  const resource = lease?.resource ?? lock(declared.name);
  const { holder = null, since = null, expires = null, fence = null, reason = null } = lease ?? {};
  const values = {
    lock: declared.name,
    slots: declared.slots,
    lockedBy: holder,
    lockedAt: since,
    expires,
    fence,
    reason,
  };
  return { key: heldKey(resource, holder), about: resourceKey(resource), isFree: lease === null, values };
}

export function waiterEntry({ resource, orchestrator, since, until, turn }: Waiter): Entry {
  const values = { resource: formatResource(resource), orchestrator, since, until, turn };
  return entry(heldKey(resource, orchestrator), values);
}

export const fileLockEntry = once(({ resource, holder, since, expires, fence, reason }: Lease): Entry => {
  const values = { path: resource.name, lockedBy: holder, since, expires, fence, reason };
  return { key: heldKey(resource, holder), about: resourceKey(resource), isFree: false, values };
});

export const settingKey = (name: string) => idKey(name.trim());

export function settingEntry({ name, value }: SettingRow): Entry {
  return entry(settingKey(name), { setting: name, value: orNothing(value) });
}
