import type { Board } from "../domain/board.ts";
import { viewLease } from "../domain/expiry.ts";
import { isTaskId, viewTask } from "../domain/queue.ts";
import { inWords } from "../domain/settings.ts";
import type { LeaseView, TaskView } from "../domain/verdict.ts";
import { type LogEntry, readLog } from "../history/log.ts";
import type { Coordination } from "./coordination.ts";
import { reading } from "./history.ts";
import { readIdentifier, readInput, readResource, readTime } from "./input.ts";
import { done, type Outcome, usage } from "./outcome.ts";
import { readBoard } from "./read.ts";

/** The board with the expiries in force, each task's holder, and `none` for empty settings. */
export interface Status extends Omit<Board, "tasks" | "leases"> {
  readonly tasks: readonly TaskView[];
  readonly leases: readonly LeaseView[];
}

/** Who holds what now; with `offline`, as it was seen last. */
export async function status(coordination: Coordination, { offline = false } = {}): Promise<Outcome<Status>> {
  const { tip, notices } = await readBoard(coordination, { offline });
  const { board } = tip;
  const tasks = board.tasks.map((task) => viewTask(board, task));
  const leases = board.leases.map((lease) => viewLease(board, lease));
  return done({ ...board, tasks, leases, settings: board.settings.map(inWords) }, tip, notices);
}

/** The markdown itself, byte for byte. */
export async function boardText(coordination: Coordination, { offline = false } = {}): Promise<Outcome<string>> {
  const { tip, notices } = await readBoard(coordination, { offline });
  return done(tip.text, tip, notices);
}

export interface LogQuery {
  readonly resource?: string | null;
  readonly actor?: string | null;
  readonly since?: string | null;
  readonly until?: string | null;
  readonly limit?: number | null;
}

/** The audit log, newest first. */
export async function log(coordination: Coordination, query: LogQuery = {}): Promise<Outcome<readonly LogEntry[]>> {
  const { ledger } = coordination;
  const { tip, notices } = await readBoard(coordination);
  const now = ledger.clock.wall();
  const input = readInput(() => ({
    resource: query.resource != null ? readResource(query.resource, (id) => isTaskId(tip.board, id)) : null,
    actor: query.actor != null ? readIdentifier("orchestrator", query.actor) : null,
    since: query.since != null ? readTime(query.since, now) : null,
    until: query.until != null ? readTime(query.until, now) : null,
    limit: query.limit ?? null,
  }));
  if (!input.ok) return usage(input.problem);
  const entries = await reading(coordination, (reader) => readLog(reader, tip.commit, input.value));
  return done(entries, tip, notices);
}
