/**
 * The ledger on a bench: a fake remote whose every answer to a push is chosen by the test, and clones with
 * durable and with mortal parts. Everything answers at once; time is a number. Races are written out step by
 * step here; test/simulation finds those that nobody thought of.
 */
import type { Operation, Request } from "../../src/domain/request.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import { LedgerFailure } from "../../src/ledger/failure.ts";
import { type Ledger, type LedgerParts, openLedger } from "../../src/ledger/ledger.ts";
import type { FetchOutcome, Oid, PushOutcome, RequestQueue, Ticket } from "../../src/ledger/ports.ts";
import { propose } from "../../src/ledger/proposal.ts";
import { BOARD_FILE } from "../../src/ledger/tip.ts";
import { type Transaction, transact } from "../../src/ledger/transact.ts";
import { Machine, type QueuedJob } from "../simulation/machine.ts";
import { Objects } from "../simulation/objects.ts";
import { Server } from "../simulation/server.ts";

export const BEGIN = Date.UTC(2026, 0, 21, 14, 30);

export const BOARD = `# Master Coordination
<!-- git-coord board format 1 -->

## 📋 Task Queue

| ID | Priority | Task | Area | Claimed By | After |
|----|----------|------|------|------------|-------|
| T001 | 1 | first | - | - | - |
| T002 | 1 | second | - | - | - |
`;

const PERSON = { name: "A Person", email: "person@example.invalid" };

/** One push as it arrives at the remote. */
export interface Arrival {
  readonly base: Oid | null;
  readonly commit: Oid;
  /** The compare-and-swap. */
  readonly land: () => boolean;
}

/** What becomes of a push, and what its client hears. */
export type Fate = (arrival: Arrival) => PushOutcome | Promise<PushOutcome>;

const said = (kind: "rejected" | "remote_rejected" | "unsent" | "unknown", words: string): PushOutcome => ({
  kind,
  words,
});

/** The fates of DESIGN 6. */
export const fate = {
  honest: ({ land }) => (land() ? { kind: "landed" } : said("rejected", "stale info")),
  lostReply: ({ land }) => {
    land();
    return said("unknown", "the remote end hung up");
  },
  dropped: () => said("unknown", "the remote end hung up"),
  unsent: () => said("unsent", "could not resolve host"),
  refused: () => said("remote_rejected", "GH006: protected branch"),
} satisfies Record<string, Fate>;

/** A rival's push lands first, in the moment between our decision and our push. */
export function beaten(rival: () => unknown, then: Fate = fate.honest): Fate {
  return async (arrival) => {
    await rival();
    return then(arrival);
  };
}

export class Bench {
  readonly objects = new Objects();
  readonly server = new Server();
  /** Milliseconds since the beginning. */
  now = 0;
  #opIds = 0;

  opId(): string {
    this.#opIds += 1;
    return `op${this.#opIds}`.padEnd(21, "-");
  }

  /** Puts a commit on the branch as a person with plain git does. */
  push(text: string, message = "by hand\n", parent: Oid | null = this.server.tip): Oid {
    const files = new Map([[BOARD_FILE, text]]);
    const commit = this.objects.write({ parent, files, author: PERSON, committer: PERSON, at: BEGIN, message });
    this.server.land(this.now, commit);
    return commit;
  }

  get messages(): readonly string[] {
    return this.objects.chain(this.server.tip).map((oid) => this.objects.get(oid).commit.message);
  }

  get subjects(): readonly string[] {
    return this.messages.map((message) => message.split("\n", 1)[0] ?? "");
  }

  /** The board at the tip, or at a commit. */
  text(oid: Oid | null = this.server.tip): string {
    return oid === null ? "" : (this.objects.get(oid).files.get(BOARD_FILE) ?? "");
  }

  clone(name: string): Clone {
    return new Clone(this, name);
  }
}

/** One clone of one orchestrator. */
export class Clone {
  readonly machine: Machine;
  /** `fetch` and `push`, in order. */
  readonly log: string[] = [];
  /** The commits that were pushed, in order. */
  readonly pushed: Oid[] = [];
  /** What becomes of the next pushes; those after them are honest. */
  fates: Fate[] = [];
  /** Whether a fetch gets no answer. */
  isDown = false;
  /** Until when the remote wants to be left alone. */
  rests: number | null = null;
  readonly sleeps: number[] = [];
  ledger: Ledger;
  #owner = { alive: true };

  constructor(
    readonly bench: Bench,
    readonly name: string,
  ) {
    this.machine = new Machine(name, bench.objects, { start: BEGIN, grain: 1 });
    this.ledger = openLedger(this.parts());
  }

  /** The process dies, and another one starts. */
  restart(): void {
    this.#owner.alive = false;
    this.#owner = { alive: true };
    this.ledger = openLedger(this.parts());
  }

  /** Another process of this clone, while the first one lives. */
  another(): Ledger {
    return openLedger(this.parts({ alive: true }));
  }

  request(operation: Operation): Request {
    const actor = { id: this.name, session: `s-${this.name}`, host: this.machine.name };
    return { opId: this.bench.opId(), actor, operation };
  }

  ask(...operations: Operation[]): Promise<Transaction<Verdict>> {
    return transact(
      this.ledger,
      operations.map((operation) => propose(this.request(operation))),
    );
  }

  /** The kinds of the answers. */
  async verdicts(...operations: Operation[]): Promise<readonly Verdict["kind"][]> {
    return (await this.ask(...operations)).answers.map(({ answer }) => answer.kind);
  }

  async fetch(): Promise<FetchOutcome> {
    const { machine, bench, isDown } = this;
    this.log.push("fetch");
    if (isDown) return { kind: "unreachable", words: "could not resolve host" };
    return machine.follow(machine.tip, bench.server.tip) as FetchOutcome;
  }

  async #push(base: Oid | null, commit: Oid): Promise<PushOutcome> {
    const { server } = this.bench;
    this.log.push("push");
    this.pushed.push(commit);
    const land = () => {
      if (server.tip !== base) return false;
      server.land(this.bench.now, commit);
      return true;
    };
    return (this.fates.shift() ?? fate.honest)({ base, commit, land });
  }

  /** Waiting costs no time here: a caller looks again in the next turn of the event loop. */
  #queue(owner: { alive: boolean }): RequestQueue {
    const { machine } = this;
    const write = async (requests: QueuedJob["requests"]): Promise<Ticket> => {
      const name = `job of ${requests?.[0]?.opId ?? this.bench.opId()}`;
      const job: QueuedJob = { name, requests, owner, landed: [], taken: false, reply: null, wake: () => {} };
      machine.jobs.push(job);
      const gone = () => machine.jobs.splice(machine.jobs.indexOf(job), machine.jobs.includes(job) ? 1 : 0);
      return {
        name,
        wait: async (duration) => {
          this.bench.now += duration;
          await new Promise((resolve) => setImmediate(resolve));
        },
        reply: async () => (job.reply === null ? null : JSON.parse(job.reply)),
        withdraw: async () => !job.taken && gone().length > 0,
        close: async () => void gone(),
      };
    };
    return {
      submit: write,
      standInLine: () => write(null),
      take: async (most) => machine.take(most),
      noteLanded: async (landed) => machine.noteLanded(landed),
      reply: async (job, reply) => {
        const queued = machine.find(job);
        if (queued) queued.reply ??= JSON.stringify(reply);
      },
      callNext: async () => machine.callNext(),
    };
  }

  parts(owner: { alive: boolean } = this.#owner): LedgerParts {
    const { bench, machine } = this;
    return {
      remote: {
        knownTip: async () => machine.tip,
        fetch: () => this.fetch(),
        restsUntil: async () => this.rests,
        push: async (base, commit) => {
          const outcome = await this.#push(base, commit);
          if (outcome.kind === "landed") machine.advance(base, commit);
          return outcome;
        },
      },
      objects: machine.objects,
      pending: {
        put: async (record) => void machine.pending.set(record.commit, { record, owner }),
        abandon: async (record) => void machine.pending.set(record.commit, { record, owner: null }),
        remove: async ({ commit }) => void machine.pending.delete(commit),
        list: async () => machine.records(),
      },
      lock: {
        tryAcquire: async () => {
          const held = machine.tryLock(owner);
          return held && { release: async () => machine.unlock(held) };
        },
      },
      queue: this.#queue(owner),
      observedStore: {
        load: async () => machine.observed,
        save: async (value) => {
          machine.observed = value;
        },
      },
      turnStore: {
        load: async () => machine.turn,
        save: async (value) => {
          machine.turn = value;
        },
      },
      sessions: { get: async (id) => (id === this.name ? `s-${id}` : null) },
      clock: {
        wall: () => machine.wall(bench.now),
        monotonic: () => bench.now,
        bootId: () => "boot",
        sleep: async (duration) => {
          this.sleeps.push(duration);
          bench.now += duration;
        },
      },
      random: { opId: () => bench.opId(), uniform: () => 0.5 },
      committer: PERSON,
    };
  }
}

/** A bench with a founded branch and clones that have seen it. */
export async function openBench<const N extends readonly string[]>(
  ...names: N
): Promise<{ bench: Bench; clones: { readonly [K in keyof N]: Clone } }> {
  const bench = new Bench();
  bench.push(
    BOARD,
    "init\n\nCoord-Op: init\nCoord-Actor: founder\nCoord-At: 2026-01-21T14:30:00.000Z\nCoord-Seq: 1\nCoord-Op-Id: init\n",
  );
  const clones = names.map((name) => bench.clone(name));
  for (const clone of clones) await clone.fetch();
  for (const clone of clones) clone.log.length = 0;
  return { bench, clones: clones as unknown as { readonly [K in keyof N]: Clone } };
}

/** The failure that the promise ends with. */
export async function failureOf(promise: Promise<unknown>): Promise<LedgerFailure["data"]> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (error instanceof LedgerFailure) return error.data;
  throw error;
}
