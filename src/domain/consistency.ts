import { parseArchived } from "./archived.ts";
import type { Board, BoardProblem, Lease, Task } from "./board.ts";
import { idKey, taskKey } from "./identifier.ts";
import { ruleOf, ruleRow } from "./lock-rule.ts";
import { findTask } from "./queue.ts";
import { formatResource, lock, overlaps, resourceKey } from "./resource.ts";
import { machineOf } from "./rivals.ts";
import { ARCHIVED_TASKS, expectedInstead, settingText } from "./settings.ts";

const problem = (code: string, message: string): BoardProblem => ({ line: null, code, message });

/**
 * What contradicts itself on a board that can be read (DESIGN 5): such a tip is not built on.
 * @param seq of the commit that carries the board: no fence on it can be larger.
 */
export function contradictions(board: Board, seq: number): readonly BoardProblem[] {
  return [
    ...doubleHolds(board),
    ...strayTasks(board),
    ...futureFences(board, seq),
    ...unreadableSettings(board),
    ...twoRules(board),
  ];
}

/** A resource that more hold than its rule allows, in the whole fleet or on one machine. */
export interface Crowd {
  readonly resource: string;
  readonly slots: number;
  readonly holders: readonly string[];
}

/** Tasks and locks with too many holders. Files overlap in other ways: see {@link contradictions}. */
export function crowded(board: Board): readonly Crowd[] {
  const groups = new Map<string, Lease[]>();
  for (const lease of board.leases) {
    if (lease.resource.kind === "file") continue;
    const key = resourceKey(lease.resource);
    const isPerHost = ruleOf(board, lease.resource).scope === "host";
    // Somebody on no machine that we know of is counted with nobody: that is for the next one who takes to weigh.
    const place = isPerHost ? `${key} ${machineOf(board, lease.holder) ?? `of ${lease.holder}`}` : key;
    groups.set(place, [...(groups.get(place) ?? []), lease]);
  }
  return [...groups.values()].flatMap((leases) => {
    const { resource } = leases[0] as Lease;
    const { slots } = ruleOf(board, resource);
    const holders = leases.map(({ holder }) => holder);
    return leases.length > slots ? [{ resource: formatResource(resource), slots, holders }] : [];
  });
}

function doubleHolds(board: Board): BoardProblem[] {
  const problems = crowded(board).map(({ resource, slots, holders }) =>
    problem("two_holders", `${resource} has ${slots} slot(s) but is held by ${holders.join(", ")}`),
  );
  return [...problems, ...overlappingFiles(board.leases.filter((lease) => lease.resource.kind === "file"))];
}

/** Sorted by path, a nested path follows its directory: one pass with the open directories finds every overlap. */
function overlappingFiles(leases: readonly Lease[]): BoardProblem[] {
  const problems: BoardProblem[] = [];
  const keyed = leases.map((lease) => ({ lease, key: `${resourceKey(lease.resource)}/` }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  let open: Lease[] = [];
  for (const { lease } of keyed) {
    open = open.filter((outer) => overlaps(outer.resource, lease.resource));
    const rival = open.find((outer) => idKey(outer.holder) !== idKey(lease.holder));
    if (rival) {
      const [a, b] = [rival, lease].map((each) => `${formatResource(each.resource)} (${each.holder})`);
      problems.push(problem("two_holders", `${a} and ${b} overlap`));
    }
    open.push(lease);
  }
  return problems;
}

function strayTasks(board: Board): BoardProblem[] {
  const held = new Set(
    board.leases.flatMap(({ resource }) => (resource.kind === "task" ? [taskKey(resource.name)] : [])),
  );
  // Nearly all tasks of a large board are queued: those are looked up only when something is wrong with them.
  const states = new Map<string, Task["state"]>();
  for (const { id, state } of board.tasks) if (state !== "queued") states.set(taskKey(id), state);
  const problems: BoardProblem[] = [];
  for (const { resource, holder } of board.leases) {
    if (resource.kind !== "task") continue;
    const state = states.get(taskKey(resource.name)) ?? findTask(board, resource.name)?.state;
    if (state !== "in_progress") {
      problems.push(
        problem("stray_task_lease", `${holder} holds task ${resource.name}, which is ${state ?? "unknown"}`),
      );
    }
  }
  for (const task of board.tasks) {
    if (task.state !== "in_progress" || held.has(taskKey(task.id))) continue;
    problems.push(problem("nobody_in_progress", `task ${task.id} is in progress but nobody holds it`));
  }
  return problems;
}

function futureFences(board: Board, seq: number): BoardProblem[] {
  return board.leases
    .filter((lease) => (lease.fence ?? 0) > seq)
    .map((lease) =>
      problem(
        "future_fence",
        `${formatResource(lease.resource)} has fence ${lease.fence}, but the history is at ${seq}`,
      ),
    );
}

function unreadableSettings(board: Board): BoardProblem[] {
  const problems = board.settings.flatMap((row) => {
    const expected = expectedInstead(row);
    return expected === null ? [] : [problem("bad_setting", `setting ${row.name} is "${row.value}", not ${expected}`)];
  });
  if (parseArchived(settingText(board, ARCHIVED_TASKS)) === null) {
    problems.push(problem("bad_setting", `setting ${ARCHIVED_TASKS} cannot be read; write it like "T1 to T40, T43"`));
  }
  return problems;
}

/** A lock may be declared in Settings and show its slots in Named Locks: then both say the same. */
function twoRules(board: Board): BoardProblem[] {
  return board.locks.flatMap(({ name, slots }) => {
    const row = ruleRow(board.settings, lock(name));
    const rule = ruleOf(board, lock(name));
    if (row === undefined || rule.slots === slots) return [];
    const message = `${name} has ${slots} slot(s) in Named Locks, but "${row.value}" in Settings; write the same into both`;
    return [problem("contradictory_slots", message)];
  });
}
