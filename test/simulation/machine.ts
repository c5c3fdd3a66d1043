/**
 * A machine with one clone: what survives the crash of a process. Local tip, objects, the records of pushes in
 * flight, what was observed; a wall clock that is some seconds off and may stand still for a whole second, and
 * a monotonic one. It does not model a reboot, nor a disk that forgets.
 */
import type { Request } from "../../src/domain/request.ts";
import type {
  FetchOutcome,
  HeldFence,
  Job,
  Oid,
  Pending,
  PendingEntry,
  PendingRequest,
  Pulse,
} from "../../src/ledger/ports.ts";
import { CloneObjects, type Objects } from "./objects.ts";

interface Owner {
  readonly alive: boolean;
}

/** A caller's requests in the queue of its clone. */
export interface QueuedJob {
  readonly name: string;
  /** Null: only a place in the line. */
  readonly requests: readonly Request[] | null;
  readonly owner: Owner;
  landed: readonly PendingRequest[];
  taken: boolean;
  /** As text, for it goes from one process to another. */
  reply: string | null;
  wake: () => void;
}

export class Machine {
  readonly objects: CloneObjects;
  /** Owner null: abandoned. */
  readonly pending = new Map<Oid, { readonly record: Pending; readonly owner: Owner | null }>();
  /** Who has the machine's lock. */
  lock: { readonly owner: Owner } | null = null;
  readonly jobs: QueuedJob[] = [];
  observed: unknown = null;
  turn: unknown = null;
  /** The secrets of its orchestrators, by id. */
  readonly sessions = new Map<string, string>();
  readonly pulses = new Map<string, Pulse>();
  /** When its processes pushed, by its wall clock. */
  readonly pushes: number[] = [];
  readonly held = new Map<string, readonly HeldFence[]>();
  /** Every value that the local tip took, in order. */
  readonly tips: Oid[] = [];

  constructor(
    readonly name: string,
    objects: Objects,
    /** The wall clock at the beginning, and what it counts in: milliseconds. */
    readonly clock: { readonly start: number; readonly grain: number },
  ) {
    this.objects = new CloneObjects(objects);
  }

  get tip(): Oid | null {
    return this.tips.at(-1) ?? null;
  }

  wall(now: number): number {
    return Math.floor((this.clock.start + now) / this.clock.grain) * this.clock.grain;
  }

  /** Null while somebody alive has the lock. */
  tryLock(owner: Owner): { readonly owner: Owner } | null {
    if (this.lock?.owner.alive) return null;
    this.lock = { owner };
    return this.lock;
  }

  unlock(held: { readonly owner: Owner }): void {
    if (this.lock === held) this.lock = null;
  }

  take(most: number): readonly Job[] {
    for (const gone of this.jobs.filter(({ owner }) => !owner.alive)) this.jobs.splice(this.jobs.indexOf(gone), 1);
    const open = this.jobs.filter(({ reply, requests }) => reply === null && requests !== null).slice(0, most);
    for (const job of open) job.taken = true;
    return open.map(({ name, requests, landed }) => ({ name, requests: requests ?? [], landed }));
  }

  find({ name }: Pick<Job, "name">): QueuedJob | undefined {
    return this.jobs.find((job) => job.name === name);
  }

  noteLanded(landed: readonly PendingRequest[]): void {
    for (const job of this.jobs) {
      const own = landed.filter(({ opId }) => job.requests?.some((request) => request.opId === opId));
      if (own.length > 0) job.landed = own;
    }
  }

  callNext(): void {
    this.jobs.find(({ taken, owner }) => !taken && owner.alive)?.wake();
  }

  records(): readonly PendingEntry[] {
    return [...this.pending.values()]
      .map(({ record, owner }) => ({ ...record, abandoned: !owner?.alive }))
      .sort((one, other) => one.startedAt - other.startedAt);
  }

  /**
   * What a fetch came to that was asked when `known` was the local tip, and heard `heard`. Null: another process
   * of this clone was faster, the answer is out of date, ask again.
   */
  follow(known: Oid | null, heard: Oid | null): FetchOutcome | null {
    const { tip } = this;
    const { all } = this.objects;
    if (heard !== null && (tip === null || all.isAncestor(tip, heard))) {
      this.move(heard);
      return { kind: "tip", tip: heard };
    }
    if (tip !== known) return null;
    if (tip === null) return { kind: "absent" };
    return { kind: "rewritten", known: tip, remote: heard };
  }

  /** After a push landed: moves the local tip, if it still is where the push began. */
  advance(base: Oid | null, commit: Oid): void {
    if (this.tip === base) this.move(commit);
  }

  move(tip: Oid): void {
    this.objects.receive(tip);
    if (this.tip !== tip) this.tips.push(tip);
  }
}
