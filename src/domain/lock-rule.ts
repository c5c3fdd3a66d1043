import type { Board, SettingRow } from "./board.ts";
import { idKey, isIdentifier } from "./identifier.ts";
import { BUILD, lock, type Resource, resourceKey } from "./resource.ts";

/** `fleet`: one lock for all machines; `host`: one for each, because two machines may well compile at once. */
export type Scope = "fleet" | "host";

/** How many may hold a named lock at once, and whether they are counted together or machine by machine. */
export interface LockRule {
  readonly slots: number;
  readonly scope: Scope;
}

/** What a lock has that nobody declared. */
export const USUAL_RULE: LockRule = { slots: 1, scope: "fleet" };

const MOST_SLOTS = 999;

export const LOCK_RULE_EXPECTED = `slots and scope such as "3 slots, fleet" or "1 slot, host" (1 to ${MOST_SLOTS} slots)`;

/** Reads `3 slots, host` as people write it: in any order, with or without the words. Null for anything else. */
export function parseLockRule(text: string): LockRule | null {
  let slots: number | null = null;
  let scope: Scope | null = null;
  for (const word of text.toLowerCase().split(/[\s,;:=]+/)) {
    if (/^(slots?|scope|per|)$/.test(word)) continue;
    if (/^\d{1,3}$/.test(word) && Number(word) >= 1 && slots === null) slots = Number(word);
    else if ((word === "fleet" || word === "host") && scope === null) scope = word;
    else return null;
  }
  if (slots === null && scope === null) return null;
  return { slots: slots ?? USUAL_RULE.slots, scope: scope ?? USUAL_RULE.scope };
}

export function formatLockRule({ slots, scope }: LockRule): string {
  return `${slots} ${slots === 1 ? "slot" : "slots"}, ${scope}`;
}

/** The lock that a row of Settings declares: its name there is `lock:gpu`. Null for every other setting. */
export function lockOfSetting(name: string): Resource | null {
  const [, written = ""] = /^lock:(\S+)$/i.exec(name.trim()) ?? [];
  if (!isIdentifier(written)) return null;
  return idKey(written) === BUILD.name ? BUILD : lock(written);
}

/** The row of Settings that declares this lock. A row that cannot be read counts as absent; consistency.ts reports it. */
export function ruleRow(rows: readonly SettingRow[], resource: Resource): SettingRow | undefined {
  return rows.find(({ name }) => {
    const declared = lockOfSetting(name);
    return declared !== null && resourceKey(declared) === resourceKey(resource);
  });
}

/** The rule in force: what Settings say, else the Slots column of Named Locks, else one slot for the whole fleet. */
export function ruleOf(board: Pick<Board, "settings" | "locks">, resource: Resource): LockRule {
  if (resource.kind !== "lock") return USUAL_RULE;
  const row = ruleRow(board.settings, resource);
  const rule = row ? parseLockRule(row.value) : null;
  if (rule) return rule;
  const declared = board.locks.find(({ name }) => idKey(name) === idKey(resource.name));
  return declared ? { ...USUAL_RULE, slots: declared.slots } : USUAL_RULE;
}
