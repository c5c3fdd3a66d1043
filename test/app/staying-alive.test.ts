/** An hour of a machine with many orchestrators, by a clock that the test moves: what staying alive costs. */
import { expect, test } from "vitest";
import type { Coordination } from "../../src/app/coordination.ts";
import { keepalive } from "../../src/app/keepalive.ts";
import { lock } from "../../src/app/locks.ts";
import { parseBoard } from "../../src/board/index.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import type { Clock, HeldFence, Pulse, Remote, RequestQueue } from "../../src/ledger/ports.ts";
import { BEGIN, type Clone, openBench } from "../ledger/bench.ts";
import { Rng } from "../simulation/random.ts";
import { Scheduler } from "../simulation/scheduler.ts";
import { HOUR, MINUTE, ok, SECOND } from "./team.ts";

const ORCHESTRATORS = 20;

/** A process of its own for each orchestrator of one clone, in virtual time. */
function machine(clone: Clone, scheduler: Scheduler, rng: Rng, pushes: number[]) {
  const pulses = new Map<string, Pulse>();
  const held = new Map<string, readonly HeldFence[]>();
  const clock: Clock = {
    wall: () => BEGIN + scheduler.now,
    monotonic: () => scheduler.now,
    bootId: () => "boot",
    sleep: (duration) => scheduler.wait(duration),
  };
  const remoteOf = (remote: Remote): Remote => ({
    ...remote,
    async push(base, commit) {
      pushes.push(scheduler.now);
      // As long as a hosted remote takes: others of the machine may fall due meanwhile.
      await scheduler.wait(rng.between(0.2, 2) * SECOND);
      return remote.push(base, commit);
    },
  });
  /** On the bench waiting takes no time; here it does. */
  const inTime = (queue: RequestQueue): RequestQueue => ({
    ...queue,
    submit: async (requests) => ({
      ...(await queue.submit(requests)),
      wait: () => scheduler.wait(SECOND / 10),
    }),
  });
  const parts = () => clone.parts({ alive: true });
  return (id: string, signal?: AbortSignal): Coordination => ({
    ledger: openLedger({
      ...parts(),
      remote: remoteOf(parts().remote),
      queue: inTime(parts().queue),
      clock,
      random: { opId: () => clone.bench.opId(), uniform: () => rng.next() },
    }),
    sessions: {
      get: async (who) => `s-${who}`,
      obtain: async (who) => `s-${who}`,
      create: async () => null,
      forget: async () => {},
    },
    holdings: {
      load: async (who) => held.get(who) ?? [],
      save: async (who, fences) => void held.set(who, fences),
    },
    pulses: {
      put: async (process, pulse) => void pulses.set(process, pulse),
      remove: async (process) => void pulses.delete(process),
      list: async () => [...pulses.values()],
    },
    pushLog: { since: async (time) => pushes.filter((at) => BEGIN + at > time).length },
    openChain: () => {
      throw new Error("nobody reads the history here");
    },
    verified: {} as Coordination["verified"],
    code: {} as Coordination["code"],
    hooks: {} as Coordination["hooks"],
    identity: id,
    host: clone.name,
    person: { name: "A Person", email: "person@example.invalid" },
    remoteName: "origin",
    branch: "coordination",
    signal,
    setup: {} as Coordination["setup"],
  });
}

test.each([1, 2, 3])(
  `an hour of ${ORCHESTRATORS} orchestrators that hold locks costs at most a push a minute, and nobody loses one (%i)`,
  { timeout: 120_000 },
  async (seed) => {
    const { bench, clones } = await openBench("machine");
    const [clone] = clones;
    const scheduler = new Scheduler();
    const rng = new Rng(seed);
    const day = new AbortController();
    const pushes: number[] = [];
    const open = machine(clone, scheduler, rng, pushes);
    const fences = new Map<string, number | null>();
    let asked = 0;
    const lives = Array.from({ length: ORCHESTRATORS }, async (_, each) => {
      const id = `orch-${each}`;
      await scheduler.wait(rng.between(0, 10 * MINUTE));
      const [lease] = ok(await lock(open(id), { locks: [`lock-${each}`], files: [`src/${each}/`] })).value.leases;
      asked += 1;
      fences.set(id, lease?.fence ?? null);
      ok(await keepalive(open(id, day.signal), async () => true));
    });
    scheduler.at(HOUR, () => day.abort());
    await scheduler.run(1_000_000);
    await Promise.all(lives);

    const reading = parseBoard(bench.text());
    if (!reading.ok) throw new Error("the board cannot be read");
    const { board } = reading;
    expect(board.leases).toHaveLength(2 * ORCHESTRATORS);
    for (const lease of board.leases) {
      expect(lease.fence, `${lease.resource.name} was held without a gap`).toBe(fences.get(lease.holder));
      expect(lease.expires).toBeGreaterThan(BEGIN + HOUR);
    }
    const renewing = pushes.length - asked;
    expect(renewing).toBeLessThanOrEqual(60);
    expect(renewing).toBeGreaterThan(10);
    // Nor do they come in bunches: the files' five minutes are renewed after one and a half at the earliest.
    const inOneMinute = (at: number) => pushes.filter((other) => other > at && other <= at + MINUTE - SECOND).length;
    const later = pushes.filter((at) => at > 12 * MINUTE);
    expect(Math.max(...later.map(inOneMinute))).toBeLessThanOrEqual(1);
  },
);
