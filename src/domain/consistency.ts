import { parseArchived } from "./archived.ts";
import type { Board, BoardProblem, Lease, Task } from "./board.ts";
import { idKey, taskKey } from "./identifier.ts";
import { formatResource, overlaps, resourceKey } from "./resource.ts";
import { ARCHIVED_TASKS, settingNamed, settingProblem, settingText } from "./settings.ts";
import { slotsOf } from "./take.ts";

const problem = (code: string, message: string): BoardProblem => ({ line: null, code, message });

/**
 * What contradicts itself on a board that can be read (DESIGN 5): such a tip is not built on.
 * @param seq of the commit that carries the board: no fence on it can be larger.
 */
export function contradictions(board: Board, seq: number): readonly BoardProblem[] {
  return [...doubleHolds(board), ...strayTasks(board), ...futureFences(board, seq), ...unreadableSettings(board)];
}

function doubleHolds(board: Board): BoardProblem[] {
  const problems: BoardProblem[] = [];
  const groups = new Map<string, Lease[]>();
  for (const lease of board.leases) {
    if (lease.resource.kind === "file") continue;
    const key = resourceKey(lease.resource);
    groups.set(key, [...(groups.get(key) ?? []), lease]);
  }
  for (const leases of groups.values()) {
    const first = leases[0] as Lease;
    const slots = slotsOf(board, first.resource);
    if (leases.length <= slots) continue;
    const holders = leases.map((lease) => lease.holder).join(", ");
    problems.push(
      problem("two_holders", `${formatResource(first.resource)} has ${slots} slot(s) but is held by ${holders}`),
    );
  }
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
  const states = new Map<string, Task["state"]>();
  for (const { id, state } of board.tasks) if (held.has(taskKey(id))) states.set(taskKey(id), state);
  const problems: BoardProblem[] = [];
  for (const { resource, holder } of board.leases) {
    if (resource.kind !== "task") continue;
    const state = states.get(taskKey(resource.name));
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
  const problems = board.settings.flatMap(({ name, value }) => {
    const key = settingNamed(name);
    const expected = key === null ? null : settingProblem(key, value);
    return expected === null ? [] : [problem("bad_setting", `setting ${name} is "${value}", not ${expected}`)];
  });
  if (parseArchived(settingText(board, ARCHIVED_TASKS)) === null) {
    problems.push(problem("bad_setting", `setting ${ARCHIVED_TASKS} cannot be read; write it like "T1 to T40, T43"`));
  }
  return problems;
}
