import type { Duration, Instant } from "../domain/instant.ts";
import type { Request } from "../domain/request.ts";

/** A commit, tree or blob: 40 hexadecimal digits. */
export type Oid = string;

/** What asking the remote for its tip came to. Never an exception for anything that a remote can do. */
export type FetchOutcome =
  /** The remote has the branch and it descends from the tip known before; the local tip is there now. */
  | { readonly kind: "tip"; readonly tip: Oid }
  /** The remote answered that it has no such branch, and this clone never saw one. */
  | { readonly kind: "absent" }
  /** The branch is gone (`remote: null`) or no descendant of the tip seen last: an alarm, not an update (I8). */
  | { readonly kind: "rewritten"; readonly known: Oid; readonly remote: Oid | null }
  | { readonly kind: "unreachable"; readonly words: string };

/** What git said about one push, before anybody has drawn a conclusion (DESIGN 6, the table). */
export type PushOutcome =
  /** Exit 0 and a ` ` or `*` row. */
  | { readonly kind: "landed" }
  /** Exit 0 and a `=` row: won only if our own op id is there. */
  | { readonly kind: "up_to_date" }
  /** `! [rejected]`: fetch first, non-fast-forward, stale info. */
  | { readonly kind: "rejected"; readonly words: string }
  /** `! [remote rejected]`: a lost race, or a hook, a protection, a left-over lock. */
  | { readonly kind: "remote_rejected"; readonly words: string }
  /** The remote could not be reached, or refused, and git never began to send: nothing can land later. */
  | { readonly kind: "unsent"; readonly words: string }
  /** No row: it may have landed, may land in some seconds, or never. */
  | { readonly kind: "unknown"; readonly words: string };

/** One branch of one remote, as this clone sees it. */
export interface Remote {
  /** The tip seen last, from the local ref: no network. Null before the first fetch. */
  knownTip(): Promise<Oid | null>;
  /** Asks the remote and moves the local tip forward, never back. */
  fetch(signal?: AbortSignal): Promise<FetchOutcome>;
  /**
   * One attempt to move the remote's branch from exactly `base` (null: it must not exist) to `commit`; when it
   * has landed, the local tip is there, too. Of the processes that share a clone one pushes at a time: the
   * one that has the machine's lock.
   */
  push(base: Oid | null, commit: Oid, signal?: AbortSignal): Promise<PushOutcome>;
  /**
   * Until when the remote wants to be left alone (429 and its Retry-After), by the local wall clock; null: it may be
   * asked. `fetch` and `push` wait for that by themselves, as long as a caller can be expected to; what takes longer is
   * `unreachable` or `unsent`, and has sent nothing.
   */
  restsUntil(): Promise<Instant | null>;
}

/** The pushes that processes of this clone have begun lately, landed or not, on any branch of the remote. Rebuilt when lost. */
export interface PushLog {
  /** How many there have been since, by the local wall clock. */
  since(time: Instant): Promise<number>;
}

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface Commit {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  readonly tree: Oid;
  readonly author: Person;
  readonly committer: Person;
  /** The committer's time. */
  readonly at: Instant;
  readonly message: string;
}

export interface NewCommit {
  readonly parent: Oid | null;
  /** Path at which a file is written, and its text; the rest of the parent's tree stays as it is. */
  readonly files: ReadonlyMap<string, string>;
  readonly author: Person;
  readonly committer: Person;
  readonly at: Instant;
  readonly message: string;
}

/** What stands at a path of a commit. A failed read is an exception, never one of these (FAILURES 13). */
export type FileReading =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  /** A folder, a symbolic link, a submodule, bytes that are not UTF-8, or more than the limit. */
  | { readonly kind: "unusable"; readonly why: "folder" | "link" | "submodule" | "not_utf8" | "too_large" };

/** Git objects of the private repository. */
export interface ObjectStore {
  readCommit(oid: Oid): Promise<Commit>;
  /** Text of at most `limit` bytes. */
  readFile(commit: Oid, path: string, limit: number): Promise<FileReading>;
  /** Writes a commit and what it needs. It can be read at once, and is durable when `settled` has returned. */
  writeCommit(commit: NewCommit): Promise<Oid>;
  /**
   * Hands over what was written since and might not survive a crash of the machine, to be kept in a record that
   * does; null when that is too much to keep twice: then `settled` is the way.
   */
  handOver(): readonly KeptObject[] | null;
  /** Returns when everything written so far would survive a crash of the machine; throws when it would not. */
  settled(): Promise<void>;
}

/** A git object in text, as its store packs it. */
export type KeptObject = string;

export interface Clock {
  /** The local wall clock. */
  wall(): Instant;
  /** Milliseconds that never jump and stand still while the machine sleeps; only differences within one boot mean anything. */
  monotonic(): Duration;
  /** Names this boot of the machine. */
  bootId(): string;
  /** Resolves after that time, or rejects with the signal's reason when aborted. */
  sleep(duration: Duration, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** A fresh op id: 21 URL-safe characters. */
  opId(): string;
  /** Uniform in [0, 1). */
  uniform(): number;
}

/** One of the requests that a push carries. */
export interface PendingRequest {
  readonly opId: string;
  /** The commit's subject, so that a later command can say what it settled. */
  readonly subject: string;
  readonly commit: Oid;
}

/** A push that was prepared and whose outcome is not settled (DESIGN 6, "Resolving an unknown push"). */
export interface Pending {
  /** Null: the push that was to create the branch. */
  readonly base: Oid | null;
  /** The last of the commits; all of them land, or none. */
  readonly commit: Oid;
  readonly startedAt: Instant;
  readonly requests: readonly PendingRequest[];
}

export interface PendingEntry extends Pending {
  /** Nobody sees to it any more: its process has ended, or has reported its outcome as unknown. */
  readonly abandoned: boolean;
}

/**
 * The durable records of pushes in flight, for this clone and one branch of one remote. A commit names a record.
 * What was handed over with a record is looked after until it is durable by itself, also when the record has gone.
 */
export interface PendingStore {
  /** Under the machine's lock. Returns once the record would survive a crash of the machine, and `objects` with it. */
  put(pending: Pending, objects: readonly KeptObject[]): Promise<void>;
  /** From now on the record is anybody's to settle. */
  abandon(pending: Pending): Promise<void>;
  remove(pending: Pending): Promise<void>;
  /** Oldest first. */
  list(): Promise<readonly PendingEntry[]>;
}

/** One JSON value that the processes of a clone keep for a board. Rebuilt when lost. */
export interface KeptValue {
  /** Null when there is none, or it cannot be read. */
  load(): Promise<unknown>;
  save(value: unknown): Promise<void>;
}

/**
 * The secrets that prove a session, one for each orchestrator id and branch, kept only on this machine
 * (DESIGN 2). All methods give the short public hash of the nonce, never the nonce.
 */
export interface SessionStore {
  /** Null when this machine has no session of that id. */
  get(id: string): Promise<string | null>;
  /** The session of that id, made when there is none. Two processes at once get the same one. */
  obtain(id: string): Promise<string>;
  /** A new session, or null when this machine already has one of that id. */
  create(id: string): Promise<string | null>;
  forget(id: string): Promise<void>;
}

/** One lease as its holder's machine remembers it: resource key and fence. */
export interface HeldFence {
  readonly resource: string;
  readonly fence: number | null;
}

/** What each orchestrator of this machine believes to hold, so that a loss is noticed (FAILURES 16). */
export interface HoldingStore {
  load(id: string): Promise<readonly HeldFence[]>;
  save(id: string, held: readonly HeldFence[]): Promise<void>;
}

/**
 * Which of the processes that share a clone decides and pushes for a board (DESIGN 7). What one process at a time
 * does for all of them is not decided twice, and they do not race each other at the remote; against the rest of the
 * world the push's compare-and-swap protects, not this.
 */
export interface MachineLock {
  /** Null while another live process, or another call of this one, has it. A dead one's lock is free. */
  tryAcquire(): Promise<HeldLock | null>;
  /** The id of the process that has it, for words to people. */
  holder?(): number | null;
}

export interface HeldLock {
  release(): Promise<void>;
}

/** Requests of one caller, to be decided one after another. */
export interface Job {
  readonly name: string;
  readonly requests: readonly Request[];
  /** What a process that died had already landed of them. */
  readonly landed: readonly PendingRequest[];
}

/** The requests of all processes that share a clone, waiting for whoever has the machine's lock. */
export interface RequestQueue {
  submit(requests: readonly Request[]): Promise<Ticket>;
  /** A place in the line for whoever needs the lock itself: nobody takes anything up, and there will be no reply. */
  standInLine(): Promise<Ticket>;
  /**
   * Under the lock: takes up to so many jobs that have no reply, oldest first; also those that a process took which
   * has died since. Jobs whose caller has gone away before are dropped.
   */
  take(most: number): Promise<readonly Job[]>;
  /** Before the record of their push goes: these have landed, whoever may still be waiting for them. */
  noteLanded(landed: readonly PendingRequest[]): Promise<void>;
  /** Under the lock: gives the job's caller its reply, any JSON value. The first reply stays. */
  reply(job: Job, reply: unknown): Promise<void>;
  /** After the lock was released: wakes the caller that has waited longest, to take the lock. */
  callNext(): Promise<void>;
}

/** One's own job in the queue. */
export interface Ticket {
  readonly name: string;
  /** Resolves when there may be a reply or it may be this caller's turn, at the latest after `duration`; never rejects. */
  wait(duration: Duration, signal?: AbortSignal): Promise<void>;
  /** Null while there is none. */
  reply(): Promise<unknown>;
  /** False when somebody has taken the job: then it may be done. */
  withdraw(): Promise<boolean>;
  /** Removes what is left of the job. */
  close(): Promise<void>;
}

/** A sign that some process of this machine keeps an orchestrator alive, and wants what it holds to be renewed. */
export interface Pulse {
  readonly id: string;
  readonly bootId: string;
  /** By the monotonic clock of that boot: a process that is stopped or has died lets it pass. */
  readonly until: Duration;
  /** Since when this process has been renewing, for itself and the others; null when it is not. */
  readonly renewing: Duration | null;
}

/** The pulses of this clone, so that one process can renew for all of them in one push. Rebuilt when lost. */
export interface PulseStore {
  put(process: string, pulse: Pulse): Promise<void>;
  remove(process: string, id: string): Promise<void>;
  list(): Promise<readonly Pulse[]>;
}
