/**
 * The ledger's ports for one process on one machine. What only reads the machine's own disk answers at once,
 * and so do written objects, which nobody else can see; all else is a yield point.
 */
import type { LedgerParts } from "../../src/ledger/ledger.ts";
import type {
  Clock,
  FetchOutcome,
  ObservedStore,
  Oid,
  PendingStore,
  PushOutcome,
  Remote,
} from "../../src/ledger/ports.ts";
import type { Machine } from "./machine.ts";
import { type Network, short } from "./network.ts";
import type { SimProcess } from "./process.ts";
import type { Rng } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

/** Where a process sits. */
export interface Seat {
  readonly process: SimProcess;
  readonly machine: Machine;
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly rng: Rng;
  readonly note: (text: () => string) => void;
}

/** The longest that writing a small file takes. */
const DISK = 20;

export function portsOf(seat: Seat, opId: () => string): LedgerParts {
  const committer = { name: seat.machine.name, email: `${seat.machine.name}@example.invalid` };
  return {
    remote: new SimRemote(seat),
    objects: seat.machine.objects,
    pending: pendingStore(seat),
    observedStore: observedStore(seat),
    clock: clock(seat),
    random: { opId, uniform: () => seat.rng.next() },
    committer,
  };
}

class SimRemote implements Remote {
  /** Steps of the local tip that are still being written, as in src/git/git-remote.ts: nobody waits for them. */
  readonly #steps = new Map<Oid | null, Oid>();
  #written: Promise<unknown> = Promise.resolve();

  constructor(private readonly seat: Seat) {}

  async knownTip(): Promise<Oid | null> {
    let { tip } = this.seat.machine;
    for (let next = this.#steps.get(tip); next !== undefined; next = this.#steps.get(tip)) tip = next;
    return tip;
  }

  async fetch(signal?: AbortSignal): Promise<FetchOutcome> {
    const { process, machine, network } = this.seat;
    await this.#written;
    for (;;) {
      const known = machine.tip;
      const heard = signal?.aborted ? null : await process.step(network.delay(), () => network.connect());
      if (heard?.kind !== "tip") return { kind: "unreachable", words: "could not read from the remote" };
      const outcome = await process.step(network.delay(), () => machine.take(known, heard.tip));
      if (outcome) return outcome;
    }
  }

  async push(base: Oid | null, commit: Oid, signal?: AbortSignal): Promise<PushOutcome> {
    const { process, note } = this.seat;
    note(() => `${process.name} pushes ${short(commit)} on ${short(base)}`);
    const outcome = await this.#push(base, commit, signal);
    note(() => `${process.name} hears of ${short(commit)}: ${outcome.kind}`);
    return outcome;
  }

  async #push(base: Oid | null, commit: Oid, signal: AbortSignal | undefined): Promise<PushOutcome> {
    const { process, network } = this.seat;
    if (signal?.aborted) return { kind: "unsent", words: "stopped before anything was sent" };
    const heard = await process.step(network.delay(), () => network.connect());
    if (heard.kind === "nothing") return { kind: network.knowsUnsent() ? "unsent" : "unknown", words: "no answer" };
    if (heard.tip === commit) return { kind: "up_to_date" };
    if (heard.tip !== base) return { kind: "rejected", words: "stale info" };
    const outcome = await process.exchange<PushOutcome>(0, (answer) => network.send(base, commit, answer));
    return signal?.aborted ? { kind: "unknown", words: "stopped while waiting for an answer" } : outcome;
  }

  async advance(base: Oid | null, commit: Oid): Promise<void> {
    const { process, machine, rng } = this.seat;
    this.#steps.set(base, commit);
    const write = () => process.step(rng.between(0, DISK), () => machine.advance(base, commit));
    this.#written = this.#written.then(write).then(() => this.#steps.delete(base));
  }
}

function pendingStore({ process, machine, rng }: Seat): PendingStore {
  const write = (effect: () => void) => process.step(rng.between(0, DISK), effect);
  return {
    async put(record) {
      await write(() => machine.pending.set(record.opId, { record, owner: process }));
    },
    async remove(opId) {
      await write(() => machine.pending.delete(opId));
    },
    async list() {
      return [...machine.pending.values()]
        .map(({ record, owner }) => ({ ...record, ownerAlive: owner.alive }))
        .sort((one, other) => one.startedAt - other.startedAt);
    },
  };
}

function observedStore({ process, machine, rng }: Seat): ObservedStore {
  return {
    async load() {
      return machine.observed;
    },
    save: (value) =>
      process.step(rng.between(0, DISK), () => {
        machine.observed = value;
      }),
  };
}

function clock({ process, machine, scheduler }: Seat): Clock {
  return {
    wall: () => machine.wall(scheduler.now),
    monotonic: () => Math.floor(scheduler.now),
    bootId: () => `boot of ${machine.name}`,
    async sleep(duration, signal) {
      signal?.throwIfAborted();
      await process.step(duration, () => {});
      signal?.throwIfAborted();
    },
  };
}
