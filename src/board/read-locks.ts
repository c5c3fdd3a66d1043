import type { Lease, LockDeclaration } from "../domain/board.ts";
import { idKey } from "../domain/identifier.ts";
import { BUILD, file, lock, resourceKey } from "../domain/resource.ts";
import { fileLockEntry, namedLockEntry } from "./entries.ts";
import type { BuildReading } from "./read-build.ts";
import type { RowReader } from "./sheet.ts";
import { rowsOf, type Source } from "./source.ts";
import { meaningful, placeholder, type TextRow } from "./text-row.ts";

export interface LockReading {
  readonly locks: readonly LockDeclaration[];
  readonly leases: readonly Lease[];
  readonly rows: readonly TextRow[];
}

const leaseIn = (row: RowReader, resource: Lease["resource"], holder: string, since: string): Lease => ({
  resource,
  holder,
  fence: row.number("fence"),
  since: row.number(since),
  expires: row.number("expires"),
  reason: row.text("reason"),
});

/** Says so when this holder already stands in an earlier row about the same resource. */
function isAgain(row: RowReader, key: string, seen: Map<string, number>, what: string): boolean {
  const earlier = seen.get(key);
  if (earlier === undefined) {
    seen.set(key, row.row.line);
    return false;
  }
  row.problem(
    "duplicate_lease",
    `${what} is already held by the same orchestrator in line ${earlier + 1}. Remove one of the two rows.`,
  );
  return true;
}

/** One lock, gathered over all its rows. */
interface Gathered {
  /** As the first row spells it: rows of one lock may differ in case. `build` is the build lock's own name. */
  readonly name: string;
  slots: number | null;
  held: boolean;
}

interface NamedRow {
  readonly row: RowReader;
  readonly name: string;
  readonly shared: Gathered;
  /** What its own Slots cell says. */
  readonly shown: number | null;
  readonly holder: string | null;
}

/** `build`: what the Build Lock section says, so that nobody holds that lock twice. */
export function readNamedLocks(source: Source, build: BuildReading): LockReading {
  const gathered = new Map<string, Gathered>();
  const found = rowsOf(source, "namedLocks").map((row): NamedRow | TextRow => {
    const name = row.isPlaceholder ? null : row.text("lock");
    if (name === null) {
      if (!row.isPlaceholder) row.missing("missing_lock", "this row names no lock. Name it, or empty the whole row.");
      return placeholder(row.row);
    }
    const shared = gathered.get(idKey(name)) ?? {
      name: idKey(name) === BUILD.name ? BUILD.name : name,
      slots: null,
      held: false,
    };
    gathered.set(idKey(name), shared);
    const slots = row.number("slots");
    if (slots !== null && shared.slots !== null && slots !== shared.slots) {
      row.problem(
        "contradictory_slots",
        `another row gives ${shared.slots} slots to ${name}. Write the same number into every row of that lock.`,
      );
    }
    shared.slots ??= slots;
    const holder = row.text("lockedBy");
    shared.held ||= holder !== null;
    return { row, name, shared, shown: slots, holder };
  });

  const seen = new Map<string, number>();
  const builder = build.fields.get("lockedBy");
  if (build.lease && builder) seen.set(`${BUILD.name} ${idKey(build.lease.holder)}`, builder.line);
  const declared = new Set<string>();
  const leases: Lease[] = [];
  const rows = found.map((each): TextRow => {
    if (!("holder" in each)) return each;
    const { row, name, shared, shown, holder } = each;
    const key = idKey(name);
    const spelt = { name, slots: shared.slots };
    if (holder === null) {
      // Nobody holds it: the row that declares the lock, or one of several that show its free slots.
      if (shared.slots !== null && !shared.held && !declared.has(key)) {
        declared.add(key);
        return meaningful(row.row, namedLockEntry(spelt, null));
      }
      const isOutdated = (locks: readonly LockDeclaration[]) =>
        shown !== null && locks.find((lock) => idKey(lock.name) === key)?.slots !== shown;
      return {
        ...placeholder(row.row),
        about: resourceKey(lock(name)),
        contradicts: (board) => isOutdated(board.locks),
      };
    }
    if (isAgain(row, `${key} ${idKey(holder)}`, seen, name)) return placeholder(row.row);
    const lease = leaseIn(row, lock(shared.name), holder, "lockedAt");
    leases.push(lease);
    return meaningful(row.row, namedLockEntry(spelt, lease));
  });
  const locks = [...gathered.values()].flatMap(({ name, slots }) => (slots === null ? [] : [{ name, slots }]));
  return { locks, leases, rows };
}

export function readFileLocks(source: Source): LockReading {
  const seen = new Map<string, number>();
  const leases: Lease[] = [];
  const rows = rowsOf(source, "fileLocks").map((row): TextRow => {
    if (row.isPlaceholder) return placeholder(row.row);
    const path = row.text("path");
    const holder = row.text("lockedBy");
    if (path === null) {
      row.missing("missing_path", "this row names no file. Write its path, or empty the whole row.");
      return placeholder(row.row);
    }
    const about = resourceKey(file(path));
    if (holder === null) return { ...placeholder(row.row), about };
    if (isAgain(row, `${about} ${idKey(holder)}`, seen, path)) return placeholder(row.row);
    const lease = leaseIn(row, file(path), holder, "since");
    leases.push(lease);
    return meaningful(row.row, fileLockEntry(lease));
  });
  return { locks: [], leases, rows };
}
