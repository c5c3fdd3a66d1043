import { readyTasks, viewTask } from "../domain/queue.ts";
import type { Context, TaskView } from "../domain/verdict.ts";
import type { Tip } from "../ledger/tip.ts";
import { ask, type Granted } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import { readInput, readLockName, readPath, readPriority, readTaskId, readText } from "./input.ts";
import { done, type Outcome, usage } from "./outcome.ts";
import { readBoard } from "./read.ts";

export interface NewTask {
  readonly title: string;
  /** `"1"` (highest) to `"999"`; 3 when absent. */
  readonly priority?: string | null;
  readonly area?: string | null;
  readonly after?: readonly string[];
  readonly id?: string | null;
}

const DEFAULT_PRIORITY = 3;

/**
 * Puts a task on the queue.
 * @returns refused with `task_exists` for an id that is or was in use (unless the title is the same: then it
 *   is already so), `unknown_dependency` for an `after` that nobody knows.
 */
export async function add(coordination: Coordination, wish: NewTask): Promise<Outcome<Granted<"add">>> {
  const input = readInput(() => ({
    op: "add" as const,
    title: readText("title", wish.title, 1),
    priority: wish.priority != null ? readPriority(wish.priority) : DEFAULT_PRIORITY,
    area: readArea(wish.area),
    after: (wish.after ?? []).map(readTaskId),
    id: wish.id != null ? readTaskId(wish.id) : null,
  }));
  return input.ok ? ask<"add">(coordination, input.value) : usage(input.problem);
}

export interface Claiming {
  /** Null or absent: the first task that is ready. */
  readonly task?: string | null;
  readonly area?: string | null;
  readonly files?: readonly string[];
  readonly locks?: readonly string[];
}

/**
 * Claims a task with its files and locks, all or nothing.
 * @returns refused with `held`, `nothing_ready`, `no_such_task`, `task_blocked` or `task_finished`.
 */
export async function claim(coordination: Coordination, wish: Claiming = {}): Promise<Outcome<Granted<"claim">>> {
  const input = readInput(() => ({
    op: "claim" as const,
    task: wish.task != null ? readTaskId(wish.task) : null,
    area: readArea(wish.area),
    with: [...(wish.locks ?? []).map(readLockName), ...(wish.files ?? []).map(readPath)],
  }));
  return input.ok ? ask<"claim">(coordination, input.value) : usage(input.problem);
}

/** Completes a task and gives back what was locked with it. Refused with `lost` when the actor does not hold it. */
export async function complete(
  coordination: Coordination,
  task: string,
  note: string | null = null,
): Promise<Outcome<Granted<"complete">>> {
  const input = readInput(() => ({ op: "complete" as const, task: readTaskId(task), note: readNote(note) }));
  return input.ok ? ask<"complete">(coordination, input.value) : usage(input.problem);
}

/** Gives a task back to the queue, with what was locked with it. Refused with `lost` when the actor does not hold it. */
export async function release(
  coordination: Coordination,
  task: string,
  note: string | null = null,
): Promise<Outcome<Granted<"release">>> {
  const input = readInput(() => ({ op: "release" as const, task: readTaskId(task), note: readNote(note) }));
  return input.ok ? ask<"release">(coordination, input.value) : usage(input.problem);
}

/** An area that is given but empty (an unset shell variable) is not taken for "any". */
const readArea = (area: string | null | undefined): string | null => (area != null ? readText("area", area, 1) : null);

const readNote = (note: string | null): string | null => (note ? readText("note", note) : null);

/** The tasks that can be claimed now, best first. */
export async function ready(
  coordination: Coordination,
  area: string | null = null,
): Promise<Outcome<readonly TaskView[]>> {
  const input = readInput(() => readArea(area));
  if (!input.ok) return usage(input.problem);
  const { tip, notices } = await readBoard(coordination);
  const context = contextAt(coordination, tip);
  return done(
    readyTasks(tip.board, context, input.value).map((task) => viewTask(tip.board, task)),
    tip,
    notices,
  );
}

/** What a reader of that tip may know besides the board. */
export function contextAt({ ledger }: Coordination, tip: Tip): Context {
  const clock = ledger.clock.wall();
  return { at: Math.max(clock, tip.at), seq: tip.seq, clock, observed: ledger.memory.observed };
}
