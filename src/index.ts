/**
 * The library: opens a repository's coordination branch and does in process what the commands do. Outcomes
 * are values; only a broken environment is thrown (`LedgerFailure`, `GitFailure`).
 */
export type { Granted } from "./app/ask.ts";
export type { Check, Coordination } from "./app/coordination.ts";
export { type Diagnosis, doctor } from "./app/doctor.ts";
export { apply } from "./app/edit.ts";
export { type FailureData, GitFailure, type GitFailureData, LedgerFailure } from "./app/failure.ts";
export { checkFence, type FenceCheck } from "./app/fence.ts";
export { report, type Span, timeline, verify, who } from "./app/history.ts";
export { type Initialised, init } from "./app/init.ts";
export { keepalive } from "./app/keepalive.ts";
export { type Breaking, breakLeases, type Locking, lock, renew, type Unlocking, unlock } from "./app/locks.ts";
export { boardText, type LogQuery, log, type Status, status } from "./app/look.ts";
export type { Failure, Notice, Outcome, UsageProblem } from "./app/outcome.ts";
export { type Pushing, push } from "./app/push.ts";
export type { InLine } from "./app/queueing.ts";
export { type Launcher, type Run, type Running, run } from "./app/run.ts";
export { type Joining, join, leave } from "./app/session.ts";
export { configure, type SettingLine, settings } from "./app/settings.ts";
export { add, type Claiming, claim, complete, type NewTask, ready, release } from "./app/tasks.ts";
export { type OpenOptions, openCoordination } from "./composition.ts";
export type {
  Board,
  BoardProblem,
  Lease,
  LockDeclaration,
  Orchestrator,
  SettingRow,
  Task,
  Waiter,
} from "./domain/board.ts";
export type { BoardChange } from "./domain/changes.ts";
export type { Duration, Instant } from "./domain/instant.ts";
export { formatResource, parseResource, type Resource, type ResourceKind } from "./domain/resource.ts";
export type { Evidence, Grant, LeaseView, Refusal, TaskView } from "./domain/verdict.ts";
export type { Finding, FindingCode } from "./history/finding.ts";
export type { Hold, HoldEnd, Wait } from "./history/holds.ts";
export type { LogEntry } from "./history/log.ts";
export type { OrchestratorTally, Report, Tally } from "./history/report.ts";
export type { Timeline } from "./history/timeline.ts";
export type { EditNote, Verification } from "./history/verify.ts";
export type { Held, Holding } from "./history/who.ts";
