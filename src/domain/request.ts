import type { OrchestratorId, TaskId } from "./identifier.ts";
import type { Duration, Instant } from "./instant.ts";
import type { Resource } from "./resource.ts";

/** Whoever asks, and the proof that it is the same one who joined (DESIGN 2, "session"). */
export interface Actor {
  readonly id: OrchestratorId;
  /** Short hash of the session's secret nonce. */
  readonly session: string;
  /** Shown on the board, so that people know which machine to look at. */
  readonly host: string;
}

export interface Join {
  readonly op: "join";
}
export interface Leave {
  readonly op: "leave";
}
export interface Add {
  readonly op: "add";
  readonly title: string;
  readonly priority: number;
  readonly area: string | null;
  readonly after: readonly TaskId[];
  /** Null: the next free `T<number>`. */
  readonly id: TaskId | null;
}
export interface Claim {
  readonly op: "claim";
  /** Null: the first task that is ready. */
  readonly task: TaskId | null;
  /** Only tasks of this area, when the task is left open. */
  readonly area: string | null;
  /** Files and locks taken together with the task, all or nothing. */
  readonly with: readonly Resource[];
}
export interface Complete {
  readonly op: "complete";
  readonly task: TaskId;
  readonly note: string | null;
}
export interface Release {
  readonly op: "release";
  readonly task: TaskId;
  readonly note: string | null;
}
export interface Acquire {
  readonly op: "acquire";
  readonly resources: readonly Resource[];
  /** Null: the time that Settings give to this kind of lock. */
  readonly ttl: Duration | null;
  readonly reason: string | null;
}
/** Enters the line for locks and files, or stays in it until another time. */
export interface Wait {
  readonly op: "wait";
  readonly resources: readonly Resource[];
  /** When it gives up. */
  readonly until: Instant;
}
/** Leaves the line. */
export interface Withdraw {
  readonly op: "withdraw";
  readonly resources: readonly Resource[];
}
export interface Unlock {
  readonly op: "unlock";
  /** Null: every lock and file that the actor holds; its tasks stay. */
  readonly resources: readonly Resource[] | null;
  /** Under which fences it was granted, where that is known: what another grant of the same id covers stays. */
  readonly expected?: readonly Holding[];
}
/** What its holder believes to hold, so that a renewal cannot look healthy after a loss (FAILURES 16). */
export interface Holding {
  readonly resource: Resource;
  readonly fence: number | null;
}
export interface Renew {
  readonly op: "renew";
  /** Null: the time that Settings give to each kind; a renewal never shortens. */
  readonly ttl: Duration | null;
  readonly expected: readonly Holding[];
}
export interface Break {
  readonly op: "break";
  readonly resources: readonly Resource[];
  /** Also when the lease is live. */
  readonly force: boolean;
  readonly reason: string;
}
export interface Configure {
  readonly op: "set";
  readonly name: string;
  readonly value: string;
}

export type Operation =
  | Join
  | Leave
  | Add
  | Claim
  | Complete
  | Release
  | Acquire
  | Wait
  | Withdraw
  | Unlock
  | Renew
  | Break
  | Configure;

export type OperationName = Operation["op"];

/** What somebody wants done. Immutable: a retry decides the same request again on a newer board. */
export interface Request {
  /** Random and unique: makes every attempt's commit unique, and a retry recognisable. */
  readonly opId: string;
  readonly actor: Actor;
  readonly operation: Operation;
}
