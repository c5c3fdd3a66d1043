import { type TaskId, taskKey } from "./identifier.ts";

/**
 * The ids of finished tasks that have left the board, as one readable line: `T1 to T150, T153, fix-login`.
 * Ids are never reused and dependencies on finished tasks stay fulfilled (DESIGN 4), so they must stay
 * known; numbered ids join into ranges, so the line stays short.
 */
export interface ArchivedIds {
  /** By lower-case prefix: sorted, disjoint, non-adjacent ranges, both ends included. */
  readonly ranges: ReadonlyMap<string, readonly (readonly [number, number])[]>;
  /** Keys of ids that are not letters followed by a number. */
  readonly others: ReadonlySet<string>;
}

const NONE: ArchivedIds = { ranges: new Map(), others: new Set() };

const NUMBERED = /^([a-z]+)(\d{1,15})$/;

function numbered(id: TaskId): { prefix: string; number: number } | null {
  const match = NUMBERED.exec(taskKey(id));
  return match?.[1] === undefined ? null : { prefix: match[1], number: Number(match[2]) };
}

/** Reads the line. Returns null when a part of it cannot be understood. */
export function parseArchived(text: string | null): ArchivedIds | null {
  const ranges = new Map<string, [number, number][]>();
  const others = new Set<string>();
  for (const part of (text ?? "").split(",").map((piece) => piece.trim())) {
    if (part === "" || part === "-") continue;
    const range = /^([A-Za-z]+)(\d{1,15})\s+to\s+([A-Za-z]+)(\d{1,15})$/.exec(part);
    const single = numbered(part);
    if (range) {
      const [, prefix = "", from, toPrefix = "", to] = range;
      if (prefix.toLowerCase() !== toPrefix.toLowerCase() || Number(from) > Number(to)) return null;
      ranges.set(prefix.toLowerCase(), [...(ranges.get(prefix.toLowerCase()) ?? []), [Number(from), Number(to)]]);
    } else if (single) {
      ranges.set(single.prefix, [...(ranges.get(single.prefix) ?? []), [single.number, single.number]]);
    } else {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part)) return null;
      others.add(taskKey(part));
    }
  }
  const merged = new Map([...ranges].map(([prefix, list]) => [prefix, merge(list)] as const));
  return { ranges: merged, others };
}

function merge(ranges: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const result: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

export function isArchived(archived: ArchivedIds, id: TaskId): boolean {
  const parts = numbered(id);
  if (!parts) return archived.others.has(taskKey(id));
  return (archived.ranges.get(parts.prefix) ?? []).some(([from, to]) => parts.number >= from && parts.number <= to);
}

/** The largest archived number behind this prefix, 0 when there is none. */
export function lastArchived(archived: ArchivedIds, prefix: string): number {
  return archived.ranges.get(prefix.toLowerCase())?.at(-1)?.[1] ?? 0;
}

/** The line with these ids added. */
export function addArchived(text: string | null, ids: readonly TaskId[]): string {
  const all = parseArchived([text ?? "", ...ids].join(",")) ?? NONE;
  const numbers = [...all.ranges].flatMap(([prefix, ranges]) =>
    ranges.map(([from, to]) => {
      const name = (n: number) => `${prefix.toUpperCase()}${n}`;
      return from === to ? name(from) : `${name(from)} to ${name(to)}`;
    }),
  );
  return [...numbers, ...all.others].join(", ");
}
