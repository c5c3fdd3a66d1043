import fc from "fast-check";
import type { Board, Lease, LockDeclaration, Orchestrator, SettingRow, Task, Waiter } from "../../src/domain/board.ts";
import { idKey, isIdentifier, taskKey } from "../../src/domain/identifier.ts";
import { normalizePath, pathKey } from "../../src/domain/path.ts";
import { file, lock, type Resource, resourceKey, task } from "../../src/domain/resource.ts";

/** Pieces that mean something in a table, in markdown, or to the reader of empty cells. */
const nasty = fc.constantFrom(
  ..."|\\<>&#`*_~[]()!-–—:.\"' \t\n\r",
  ...[
    "\u0001",
    "\u001b",
    "\u007f",
    "\u0085",
    "\u00a0",
    "\u00ad",
    "\u200b",
    "\u200d",
    "\u202e",
    "\u2028",
    "\ufeff",
    "\ufffd",
  ],
  ...[
    "\\|",
    "\\\\",
    "&amp;",
    "&#x41;",
    "&#124;",
    "&",
    "<br>",
    "<!--",
    "none",
    "None",
    "n/a",
    '""',
    "**",
    "é",
    "🔒",
    "| x |",
    "## Settings",
    "```",
  ],
);

/** Any text that a file can hold. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join("")) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 12 }).map((each) => each.replaceAll("\0", "0")) },
  { weight: 2, arbitrary: fc.string({ maxLength: 12 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("Fix physics", "Write docs", "C:\\temp\\", "a | b", "-", "none", "", " ", "x\\"),
  },
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 2 });

export const id: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom("T1", "T01", "t2", "T003", "fix-login", "orch-1430-7842", "ana", "Ana", "x_y.z", "empty", "build"),
    fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,8}$/),
  )
  .filter(isIdentifier);

export const path: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom(
      "src/a.ts",
      "src/A.ts",
      "src/",
      "none",
      "-",
      "`a`",
      " a ",
      "a|b",
      "n/a",
      "a&amp;b",
      "<x>",
      "__tests__",
      "a#b",
      "é",
    ),
    text,
  )
  .map((each) => normalizePath(each))
  .filter((reading) => reading.ok)
  .map(({ path }) => path);

const instant = fc.oneof(
  fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => seconds * 1000),
  fc.integer({ min: 0, max: 4_102_444_800_000 }),
);
const fence = fc.nat({ max: 1_000_000 });
const priority = fc.integer({ min: 1, max: 999 });

const unique = <T>(arbitrary: fc.Arbitrary<T>, selector: (item: T) => string, maxLength = 4) =>
  fc.uniqueArray(arbitrary, { selector, maxLength });

const orchestrator: fc.Arbitrary<Orchestrator> = fc.record({
  id,
  status: text,
  currentTask: maybe(text),
  lastSeen: maybe(instant),
  host: maybe(text),
  session: maybe(text),
  expires: maybe(instant),
});

const EMPTY_TASK = { priority: null, area: null, after: [], completedBy: null, completedAt: null, note: null } as const;

interface HeldTask {
  readonly task: Task;
  readonly lease: Lease | null;
}

const anyTask: fc.Arbitrary<HeldTask> = fc
  .record({
    id,
    title: text,
    state: fc.constantFrom("queued", "in_progress", "done" as const),
    priority,
    area: maybe(text),
    after: fc.array(id, { maxLength: 2 }),
    by: id,
    at: maybe(instant),
    fence: maybe(fence),
    note: maybe(text),
    isAttributed: fc.boolean(),
  })
  .map(({ id, title, state, priority, area, after, by, at, fence, note, isAttributed }): HeldTask => {
    const base = { ...EMPTY_TASK, id, title, state };
    const lease = { resource: task(id), holder: by, since: at, fence, expires: null, reason: null };
    if (state === "queued") return { task: { ...base, priority, area, after, note }, lease: null };
    if (state === "in_progress") return { task: { ...base, priority, area }, lease };
    return { task: { ...base, completedBy: isAttributed ? by : null, completedAt: at, note }, lease: null };
  });

const leaseOn = (resource: fc.Arbitrary<Resource>): fc.Arbitrary<Lease> =>
  fc.record({
    resource,
    holder: id,
    fence: maybe(fence),
    since: maybe(instant),
    expires: maybe(instant),
    reason: maybe(text),
  });

const anyWaiter: fc.Arbitrary<Waiter> = fc.record({
  resource: fc.oneof(id.map(task), id.map(lock), path.map(file)),
  orchestrator: id,
  since: maybe(instant),
  until: maybe(instant),
  turn: maybe(instant),
});

const anySetting: fc.Arbitrary<SettingRow> = fc.record({
  name: fc.oneof(fc.constantFrom("Strict", "Lock time", "none", "-"), text).filter((name) => name.trim() !== ""),
  value: text,
});

const declaration: fc.Arbitrary<LockDeclaration> = fc.record({ name: id, slots: fc.integer({ min: 1, max: 9 }) });

export const heldBy = ({ resource, holder }: Lease) => `${resourceKey(resource)} ${idKey(holder)}`;

/** Every board that formatBoard promises to keep: see its doc comment for "legal". */
export const board: fc.Arbitrary<Board> = fc
  .record({
    orchestrators: unique(orchestrator, ({ id }) => idKey(id)),
    tasks: unique(anyTask, ({ task }) => taskKey(task.id), 8),
    locks: unique(declaration, ({ name }) => idKey(name), 3),
    lockLeases: unique(leaseOn(fc.oneof(fc.constant("build"), id).map(lock)), heldBy, 5),
    fileLeases: unique(leaseOn(path.map(file)), heldBy),
    waiters: unique(anyWaiter, ({ resource, orchestrator }) => `${resourceKey(resource)} ${idKey(orchestrator)}`),
    settings: unique(anySetting, ({ name }) => idKey(name.trim())),
  })
  .map(({ orchestrators, tasks, locks, lockLeases, fileLeases, waiters, settings }) => {
    const names = new Map([["build", "build"]]);
    const spell = (name: string) => {
      if (!names.has(idKey(name))) names.set(idKey(name), name);
      return names.get(idKey(name)) ?? name;
    };
    return {
      orchestrators,
      tasks: tasks.map((each) => each.task),
      locks: locks.map(({ name, slots }) => ({ name: spell(name), slots })),
      leases: [
        ...tasks.flatMap(({ lease }) => lease ?? []),
        ...lockLeases.map((lease) => ({ ...lease, resource: lock(spell(lease.resource.name)) })),
        ...fileLeases,
      ],
      waiters,
      settings,
    };
  });

const byKey = <T>(items: readonly T[], key: (item: T) => string) =>
  [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));

/** The board with its lists in an order of their own, so that boards can be compared as sets of rows. */
export function asSets(board: Board): Board {
  return {
    orchestrators: byKey(board.orchestrators, ({ id }) => idKey(id)),
    tasks: byKey(board.tasks, ({ id }) => taskKey(id)),
    leases: byKey(board.leases, heldBy),
    locks: byKey(board.locks, ({ name }) => idKey(name)),
    waiters: byKey(board.waiters, ({ resource, orchestrator }) => `${resourceKey(resource)} ${idKey(orchestrator)}`),
    settings: byKey(board.settings, ({ name }) => idKey(name.trim())),
  };
}

/** The lists whose order formatBoard keeps, each on its own. */
export function ordered(board: Board) {
  const tasks = (state: Task["state"]) =>
    board.tasks.filter((each) => each.state === state).map(({ id }) => taskKey(id));
  return {
    orchestrators: board.orchestrators.map(({ id }) => idKey(id)),
    queued: tasks("queued"),
    inProgress: tasks("in_progress"),
    done: tasks("done"),
    waiters: board.waiters.map(({ resource, orchestrator }) => `${resourceKey(resource)} ${idKey(orchestrator)}`),
    settings: board.settings.map(({ name }) => name),
    files: board.leases
      .filter(({ resource }) => resource.kind === "file")
      .map(({ resource, holder }) => `${pathKey(resource.name)} ${idKey(holder)}`),
  };
}
