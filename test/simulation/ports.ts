/**
 * The ledger's ports for one process on one machine. What only reads the machine's own disk answers at once,
 * and so do written objects, which nobody else can see; all else is a yield point.
 */
import type { LedgerParts } from "../../src/ledger/ledger.ts";
import type {
  Clock,
  FetchOutcome,
  KeptValue,
  MachineLock,
  Oid,
  PendingStore,
  PushOutcome,
  Remote,
  RequestQueue,
  Ticket,
} from "../../src/ledger/ports.ts";
import type { Machine, QueuedJob } from "./machine.ts";
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
  // One person at all machines.
  const committer = { name: "A Person", email: "person@example.invalid" };
  return {
    remote: new SimRemote(seat),
    objects: seat.machine.objects,
    pending: pendingStore(seat),
    observedStore: keptValue(seat, "observed"),
    turnStore: keptValue(seat, "turn"),
    sessions: { get: async (id) => seat.machine.sessions.get(id) ?? null },
    lock: machineLock(seat),
    queue: requestQueue(seat),
    clock: clock(seat),
    random: { opId, uniform: () => seat.rng.next() },
    committer,
  };
}

class SimRemote implements Remote {
  constructor(private readonly seat: Seat) {}

  async knownTip(): Promise<Oid | null> {
    return this.seat.machine.tip;
  }

  async restsUntil(): Promise<null> {
    return null;
  }

  async fetch(signal?: AbortSignal): Promise<FetchOutcome> {
    const { process, machine, network } = this.seat;
    for (;;) {
      const known = machine.tip;
      const heard = signal?.aborted ? null : await process.step(network.delay(), () => network.connect());
      if (heard?.kind !== "tip") return { kind: "unreachable", words: "could not read from the remote" };
      const outcome = await process.step(network.delay(), () => machine.follow(known, heard.tip));
      if (outcome) return outcome;
    }
  }

  async push(base: Oid | null, commit: Oid, signal?: AbortSignal): Promise<PushOutcome> {
    const { process, machine, scheduler, note } = this.seat;
    machine.pushes.push(machine.wall(scheduler.now));
    note(() => `${process.name} pushes ${short(commit)} on ${short(base)}`);
    const outcome = await this.#push(base, commit, signal);
    note(() => `${process.name} hears of ${short(commit)}: ${outcome.kind}`);
    return outcome;
  }

  async #push(base: Oid | null, commit: Oid, signal: AbortSignal | undefined): Promise<PushOutcome> {
    const { process, machine, network } = this.seat;
    if (signal?.aborted) return { kind: "unsent", words: "stopped before anything was sent" };
    const heard = await process.step(network.delay(), () => network.connect());
    if (heard.kind === "nothing") return { kind: network.knowsUnsent() ? "unsent" : "unknown", words: "no answer" };
    if (heard.tip === commit) return { kind: "up_to_date" };
    if (heard.tip !== base) return { kind: "rejected", words: "stale info" };
    const outcome = await process.exchange<PushOutcome>(0, (answer) => network.send(base, commit, answer));
    // Git moves the local ref by itself, before it ends.
    if (outcome.kind === "landed") await process.step(0, () => machine.advance(base, commit));
    return signal?.aborted ? { kind: "unknown", words: "stopped while waiting for an answer" } : outcome;
  }
}

function pendingStore({ process, machine, rng }: Seat): PendingStore {
  const write = (effect: () => void) => process.step(rng.between(0, DISK), effect);
  return {
    async put(record) {
      await write(() => machine.pending.set(record.commit, { record, owner: process }));
    },
    async abandon(record) {
      await write(() => machine.pending.set(record.commit, { record, owner: null }));
    },
    async remove({ commit }) {
      await write(() => machine.pending.delete(commit));
    },
    async list() {
      return machine.records();
    },
  };
}

function keptValue({ process, machine, rng }: Seat, name: "observed" | "turn"): KeptValue {
  return {
    async load() {
      return machine[name];
    },
    save: (value) =>
      process.step(rng.between(0, DISK), () => {
        machine[name] = value;
      }),
  };
}

function machineLock({ process, machine, rng }: Seat): MachineLock {
  const step = <T>(effect: () => T) => process.step(rng.between(0, DISK / 4), effect);
  return {
    async tryAcquire() {
      const held = await step(() => machine.tryLock(process));
      return held && { release: () => step(() => machine.unlock(held)) };
    },
  };
}

function requestQueue({ process, machine, scheduler, rng }: Seat): RequestQueue {
  const step = <T>(effect: () => T) => process.step(rng.between(0, DISK / 4), effect);
  const read = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
  const write = async (requests: QueuedJob["requests"]): Promise<Ticket> => {
    const job: QueuedJob = {
      name: `job of ${requests?.[0]?.opId ?? process.name}`,
      requests,
      owner: process,
      landed: [],
      taken: false,
      reply: null,
      wake: () => {},
    };
    await step(() => machine.jobs.push(job));
    const gone = () => machine.jobs.splice(machine.jobs.indexOf(job), machine.jobs.includes(job) ? 1 : 0);
    return {
      name: job.name,
      wait: (duration) =>
        process.exchange<void>(0, (answer) => {
          job.wake = () => answer(rng.between(0, DISK), undefined);
          scheduler.at(duration, () => answer(0, undefined));
        }),
      reply: async () => read(job.reply),
      withdraw: () => step(() => !job.taken && gone().length > 0),
      close: async () => void (await step(gone)),
    };
  };
  return {
    submit: write,
    standInLine: () => write(null),
    take: (most) => step(() => machine.take(most)),
    noteLanded: (landed) => step(() => machine.noteLanded(landed)),
    reply: (job, reply) =>
      step(() => {
        const queued = machine.find(job);
        if (!queued || queued.reply !== null) return;
        queued.reply = JSON.stringify(reply);
        queued.wake();
      }),
    callNext: () => step(() => machine.callNext()),
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
