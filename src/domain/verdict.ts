import type { Board, Lease, Orchestrator, SettingRow, Task, Waiter } from "./board.ts";
import type { OrchestratorId, TaskId } from "./identifier.ts";
import type { Instant } from "./instant.ts";
import type { Resource } from "./resource.ts";

/** Why an expired lease may be taken from its holder (DESIGN 8). Recorded in the commit that takes it. */
export interface Evidence {
  readonly kind: "clock" | "observed";
  /** `lock:build`; `orchestrator:ID` when it is a whole session that is over; `waiting:lock:build` for an unused turn. */
  readonly resource: string;
  readonly holder: OrchestratorId;
  readonly fence: number | null;
  readonly expires: Instant | null;
  /** The local wall clock when that was judged. */
  readonly clock: Instant;
}

/** A lease that this machine has watched, unchanged, for its whole time plus the tolerance (DESIGN 8, `observed`). */
export interface Observation {
  readonly resource: string;
  readonly holder: OrchestratorId;
  readonly fence: number | null;
  readonly expires: Instant | null;
}

/** All that a decision may know besides the board and the request. */
export interface Context {
  /** The commit's `Coord-At`: the later of the local clock and the parent's. */
  readonly at: Instant;
  /** The commit's seq: the fence of every lease it grants. */
  readonly seq: number;
  /** The local wall clock, which alone may prove an expiry: `at` may have been dragged ahead by others. */
  readonly clock: Instant;
  readonly observed: readonly Observation[];
}

/** A lease as the command line shows it: with the expiry that is in force, also for tasks. */
export interface LeaseView extends Lease {
  readonly expires: Instant | null;
}

/** A task as the command line shows it (CLI.md, "JSON"). */
export interface TaskView extends Task {
  readonly claimedBy: OrchestratorId | null;
  readonly since: Instant | null;
  readonly fence: number | null;
}

/** What a granted request gives to whoever asked. */
export type Grant =
  | { readonly op: "join"; readonly orchestrator: Orchestrator }
  | { readonly op: "leave"; readonly released: readonly Resource[] }
  | { readonly op: "add"; readonly task: TaskView }
  | { readonly op: "claim"; readonly task: TaskView; readonly fence: number; readonly leases: readonly LeaseView[] }
  | { readonly op: "complete"; readonly task: TaskView; readonly released: readonly Resource[] }
  | { readonly op: "release"; readonly task: TaskView; readonly released: readonly Resource[] }
  | { readonly op: "acquire"; readonly leases: readonly LeaseView[] }
  | { readonly op: "wait"; readonly waiters: readonly Waiter[] }
  | { readonly op: "withdraw"; readonly withdrawn: readonly Resource[] }
  | { readonly op: "unlock"; readonly released: readonly Resource[] }
  | { readonly op: "renew"; readonly leases: readonly LeaseView[]; readonly expires: Instant | null }
  | { readonly op: "break"; readonly broken: readonly LeaseView[] }
  | { readonly op: "set"; readonly setting: SettingRow };

/** The expected ways of not getting what was asked. Every face handles all of them. */
export type Refusal =
  /**
   * Somebody else has it. `expired`: its time is over, but nothing proves that yet. `isKept`: it is free, but kept
   * for the first in line, who stands in `lease` as if it held it already.
   */
  | {
      readonly kind: "held";
      readonly lease: LeaseView;
      readonly wanted: Resource;
      readonly expired: boolean;
      readonly isKept: boolean;
      /** Where the asking one stands in the line, or would stand. */
      readonly place: number;
      /** How many wait for it. */
      readonly waiting: number;
      readonly ready: readonly TaskId[];
    }
  /** Another session uses this orchestrator id. */
  | { readonly kind: "identity_taken"; readonly orchestrator: Orchestrator }
  | { readonly kind: "no_such_task"; readonly id: TaskId }
  | { readonly kind: "task_finished"; readonly task: TaskView }
  /** The task is known to be finished and has left the board. */
  | { readonly kind: "task_archived"; readonly id: TaskId }
  | {
      readonly kind: "task_blocked";
      readonly id: TaskId;
      readonly waitsFor: readonly TaskId[];
      readonly ready: readonly TaskId[];
    }
  | { readonly kind: "task_exists"; readonly id: TaskId }
  | { readonly kind: "unknown_dependency"; readonly id: TaskId }
  | {
      readonly kind: "nothing_ready";
      readonly area: string | null;
      readonly queued: number;
      readonly inProgress: number;
    }
  /** The actor does not hold it (any more). `holder` is who does now, if anybody. */
  | { readonly kind: "lost"; readonly resource: Resource; readonly now: LeaseView | null }
  /** The actor's session is not on the board (any more). */
  | { readonly kind: "session_over"; readonly id: OrchestratorId }
  | { readonly kind: "no_such_setting"; readonly name: string }
  | { readonly kind: "bad_setting"; readonly name: string; readonly value: string; readonly expected: string };

/** The pure answer to a request on a board. */
export type Verdict =
  | {
      readonly kind: "granted";
      readonly board: Board;
      readonly grant: Grant;
      /** Expired leases of others that this commit takes or frees, and why it may. */
      readonly evidence: readonly Evidence[];
      /** Completed tasks that leave the board for the archive in the same commit. */
      readonly archived: readonly Task[];
    }
  /** Already so: nothing to write. */
  | { readonly kind: "unchanged"; readonly grant: Grant }
  | { readonly kind: "refused"; readonly refusal: Refusal };
