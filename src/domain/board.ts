import type { OrchestratorId, TaskId } from "./identifier.ts";
import type { Instant } from "./instant.ts";
import type { Resource } from "./resource.ts";

/** A registered participant. */
export interface Orchestrator {
  readonly id: OrchestratorId;
  /** `Active`, or whatever a person wrote there. */
  readonly status: string;
  /** What the Current Task column shows; the truth is the leases. */
  readonly currentTask: string | null;
  readonly lastSeen: Instant | null;
  readonly host: string | null;
  /** Short hash of the nonce that only the session's own machine knows. Null on boards of the original system. */
  readonly session: string | null;
  readonly expires: Instant | null;
}

export type TaskState = "queued" | "in_progress" | "done";

/** A task of the queue, in progress, or completed. Who works on it is its lease. */
export interface Task {
  readonly id: TaskId;
  readonly title: string;
  readonly state: TaskState;
  /** 1 is the highest. Null for completed tasks, whose table has no such column. */
  readonly priority: number | null;
  readonly area: string | null;
  /** Ids of tasks that must be done first; empty once it was claimed. */
  readonly after: readonly TaskId[];
  readonly completedBy: string | null;
  readonly completedAt: Instant | null;
  /** What was said when it was completed, or why it came back to the queue; null while somebody works on it. */
  readonly note: string | null;
}

/** The one kernel: somebody holds something until some time (DESIGN 1.3). */
export interface Lease {
  readonly resource: Resource;
  readonly holder: OrchestratorId;
  /** The seq of the commit that granted it. Null when a person wrote the row by hand. */
  readonly fence: number | null;
  readonly since: Instant | null;
  /** Null for tasks (they live as long as the holder's session) and for rows without the column: see expiry.ts. */
  readonly expires: Instant | null;
  /** Why. A lock taken together with a task names that task here, and is given back with it. */
  readonly reason: string | null;
}

/** A named lock that somebody declared: it stays on the board when nobody holds it. Its scope is in lock-rule.ts. */
export interface LockDeclaration {
  readonly name: string;
  /** How many may hold it at once, at least 1. */
  readonly slots: number;
}

export interface Waiter {
  readonly resource: Resource;
  readonly orchestrator: OrchestratorId;
  readonly since: Instant | null;
  /** When it gives up by itself. */
  readonly until: Instant | null;
  /** Since when it may take what it waits for; null while that is held. See line.ts. */
  readonly turn: Instant | null;
}

/** One row of the Settings table, as written. What the names mean is in settings.ts. */
export interface SettingRow {
  readonly name: string;
  readonly value: string;
}

/** The parsed state of `master_coordination.md`. The order within each list is the order of rows on the board. */
export interface Board {
  readonly orchestrators: readonly Orchestrator[];
  /** Queue order, then in progress, then completed (newest first). */
  readonly tasks: readonly Task[];
  /** At most one for each resource and holder. */
  readonly leases: readonly Lease[];
  readonly locks: readonly LockDeclaration[];
  readonly waiters: readonly Waiter[];
  readonly settings: readonly SettingRow[];
}

export const EMPTY_BOARD: Board = { orchestrators: [], tasks: [], leases: [], locks: [], waiters: [], settings: [] };

/** What is wrong with a board's text or meaning: data for people, with the line where it can be mended. */
export interface BoardProblem {
  /** 1-based; null when no single line is to blame. */
  readonly line: number | null;
  /** Which rule was broken: stable, for tests and machines. */
  readonly code: string;
  readonly message: string;
}
