/**
 * A second opinion on who may hold what: written for the checker alone and in its own way, so that a mistake in
 * src/domain does not hide itself. It shares the board's types with the code under test and nothing else.
 */
import type { Board, Lease } from "../../src/domain/board.ts";
import type { Resource } from "../../src/domain/resource.ts";

/** The steps of a path: folders and the file, whatever the case and the slashes around them. */
const steps = (path: string): string[] => path.toUpperCase().split("/").filter(Boolean);

/** Whether two holders must not have both. */
export function collide(a: Resource, b: Resource): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind !== "file") return nameOf(a) === nameOf(b);
  const [one, other] = [steps(a.name), steps(b.name)];
  return one.slice(0, other.length).every((step, index) => step === other[index]);
}

export function nameOf({ kind, name }: Resource): string {
  if (kind === "file") return `file ${steps(name).join("/")}`;
  const folded = name.toLowerCase();
  return kind === "task" ? `task ${folded.replace(/^([a-z]+)0+(?=\d)/, "$1")}` : `lock ${folded}`;
}

export const sameHolder = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** I1: what has more holders than it may have. */
export function doubleHolds({ leases, locks }: Board): readonly string[] {
  const found: string[] = [];
  const slots = (lock: Resource) =>
    locks.find(({ name }) => name.toLowerCase() === lock.name.toLowerCase())?.slots ?? 1;
  for (const [place, lease] of leases.entries()) {
    const rivals = leases.slice(place + 1).filter((other) => collide(lease.resource, other.resource));
    const others = rivals.filter((other) => !sameHolder(lease.holder, other.holder));
    const isLock = lease.resource.kind === "lock";
    // Nobody holds one resource twice; only files overlap with themselves, in one hand.
    const tooMany = isLock ? rivals.length + 1 > slots(lease.resource) : others.length > 0;
    const twice = rivals.some(
      (other) => sameHolder(lease.holder, other.holder) && nameOf(other.resource) === nameOf(lease.resource),
    );
    if (tooMany || twice) found.push([lease, ...rivals].map(describe).join(" and "));
  }
  return found;
}

export const describe = ({ resource, holder, fence }: Lease): string =>
  `${nameOf(resource)} of ${holder} (fence ${fence})`;
