import type { Orchestrator } from "../domain/board.ts";
import { findOrchestrator, viewLease } from "../domain/expiry.ts";
import { idKey, type OrchestratorId } from "../domain/identifier.ts";
import type { Instant } from "../domain/instant.ts";
import { readyTasks, viewTask } from "../domain/queue.ts";
import type { LeaseView, TaskView } from "../domain/verdict.ts";
import { identityOf } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import { done, type Outcome, usage } from "./outcome.ts";
import { readBoard } from "./read.ts";
import { contextAt } from "./tasks.ts";

/** What an orchestrator should know before it goes on. */
export interface Briefing {
  /** Null: nobody has said who asks. */
  readonly id: OrchestratorId | null;
  /** `mine` when this machine's session of that id is on the board, `another` when some other session has it. */
  readonly session: "mine" | "none" | "another";
  readonly expires: Instant | null;
  readonly tasks: readonly TaskView[];
  readonly leases: readonly LeaseView[];
  readonly ready: readonly TaskView[];
  /** How many other orchestrators are on the board. */
  readonly others: number;
}

/** Who asks, what they hold and what is ready. Writes nothing. @throws LedgerFailure when the board cannot be read */
export async function prime(coordination: Coordination): Promise<Outcome<Briefing>> {
  const who = coordination.identity === null ? null : identityOf(coordination);
  if (who !== null && !who.ok) return usage(who.problem);
  const id = who?.value ?? null;
  const { tip, notices } = await readBoard(coordination);
  const { board } = tip;
  const row = id === null ? undefined : findOrchestrator(board, id);
  const session = await sessionOf(coordination, row);
  const isOwn = (holder: OrchestratorId | null) =>
    session === "mine" && holder !== null && idKey(holder) === idKey(row?.id ?? "");
  const tasks = board.tasks.map((task) => viewTask(board, task));
  const leases = board.leases.filter(({ holder, resource }) => isOwn(holder) && resource.kind !== "task");
  return done(
    {
      id,
      session,
      expires: session === "mine" ? (row?.expires ?? null) : null,
      tasks: tasks.filter(({ claimedBy, state }) => state === "in_progress" && isOwn(claimedBy)),
      leases: leases.map((lease) => viewLease(board, lease)),
      ready: readyTasks(board, contextAt(coordination, tip), null).map((task) => viewTask(board, task)),
      others: board.orchestrators.filter((other) => id === null || idKey(other.id) !== idKey(id)).length,
    },
    tip,
    notices,
  );
}

async function sessionOf({ sessions }: Coordination, row: Orchestrator | undefined): Promise<Briefing["session"]> {
  if (row === undefined) return "none";
  return row.session === null || row.session === (await sessions.get(row.id)) ? "mine" : "another";
}
