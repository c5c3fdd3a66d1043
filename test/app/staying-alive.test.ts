/** An hour of a machine with many orchestrators, by a clock that the test moves: what staying alive costs. */
import { expect, test } from "vitest";
import type { Coordination } from "../../src/app/coordination.ts";
import { keepHolding } from "../../src/app/hold.ts";
import { keepalive } from "../../src/app/keepalive.ts";
import { lock } from "../../src/app/locks.ts";
import { configure } from "../../src/app/settings.ts";
import { parseBoard } from "../../src/board/index.ts";
import { readEntry } from "../../src/ledger/entry.ts";
import { openLedger, refresh } from "../../src/ledger/ledger.ts";
import type { Clock, HeldFence, Oid, Pulse, PushLog, Remote, RequestQueue, Ticket } from "../../src/ledger/ports.ts";
import { BEGIN, type Clone, openBench } from "../ledger/bench.ts";
import { Rng } from "../simulation/random.ts";
import { Scheduler } from "../simulation/scheduler.ts";
import { HOUR, MINUTE, ok, SECOND } from "./team.ts";

const ORCHESTRATORS = 20;

/** One push as the remote saw it. */
interface Push {
  readonly at: number;
  /** What its commits are about, in order. */
  readonly ops: readonly string[];
}

/** A process of its own for each orchestrator of one clone, in virtual time. */
function machine(
  clone: Clone,
  scheduler: Scheduler,
  rng: Rng,
  pushes: Push[],
  since: PushLog["since"] = async (time) => pushes.filter(({ at }) => BEGIN + at > time).length,
) {
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
      pushes.push({ at: scheduler.now, ops: opsOf(clone, base, commit) });
      // As long as a hosted remote takes: others of the machine may fall due meanwhile.
      await scheduler.wait(rng.between(0.2, 2) * SECOND);
      return remote.push(base, commit);
    },
  });
  /** On the bench waiting takes no time; here it does. */
  const slowly = async (ticket: Promise<Ticket>) => ({ ...(await ticket), wait: () => scheduler.wait(SECOND / 10) });
  const inTime = (queue: RequestQueue): RequestQueue => ({
    ...queue,
    submit: (requests) => slowly(queue.submit(requests)),
    standInLine: () => slowly(queue.standInLine()),
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
    pushLog: { since },
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

/** The operations of the commits that a push carries. */
function opsOf({ bench: { objects } }: Clone, base: Oid | null, commit: Oid): readonly string[] {
  const chain = objects.chain(commit);
  return chain.slice(base === null ? 0 : chain.indexOf(base) + 1).map((oid) => {
    const reading = readEntry(objects.get(oid).commit.message);
    return reading.kind === "entry" ? reading.entry.op : "by hand";
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
    const pushes: Push[] = [];
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
    const inOneMinute = (at: number) => times.filter((other) => other > at && other <= at + MINUTE - SECOND).length;
    const times = pushes.map(({ at }) => at);
    const later = times.filter((at) => at > 12 * MINUTE);
    expect(Math.max(...later.map(inOneMinute))).toBeLessThanOrEqual(1);
  },
);

/** Some orchestrators that hold a file for five minutes each, kept alive for a while; nobody loses anything at any time. */
async function staying(
  wish: {
    readonly holders: number;
    readonly time: number;
    readonly budget?: string;
    readonly since?: PushLog["since"];
  },
  meanwhile: (
    open: ReturnType<typeof machine>,
    wait: (time: number) => Promise<void>,
  ) => Promise<void> = async () => {},
) {
  const { bench, clones } = await openBench("machine");
  const [clone] = clones;
  const scheduler = new Scheduler();
  const day = new AbortController();
  const pushes: Push[] = [];
  const open = machine(clone, scheduler, new Rng(1), pushes, wish.since);
  const story = async () => {
    if (wish.budget) ok(await configure(open("boss"), "Push budget", wish.budget));
    const lives = Array.from({ length: wish.holders }, async (_, each) => {
      ok(await lock(open(`orch-${each}`), { files: [`src/${each}/`] }));
      ok(await keepalive(open(`orch-${each}`, day.signal), async () => true));
    });
    await Promise.all([...lives, meanwhile(open, (time) => scheduler.wait(time))]);
  };
  scheduler.at(wish.time, () => day.abort());
  const told = story();
  await scheduler.run(1_000_000);
  await told;
  let before = BEGIN;
  for (const oid of bench.objects.chain(bench.server.tip)) {
    const { at } = bench.objects.get(oid).commit;
    const reading = parseBoard(bench.text(oid));
    const held = reading.ok ? reading.board.leases.filter(({ holder }) => holder.startsWith("orch-")) : [];
    for (const { holder, expires } of held) {
      // 30 seconds before the end whoever relies on it stops.
      expect((expires ?? 0) - 30 * SECOND, `${holder} at ${at - BEGIN}`).toBeGreaterThan(before);
    }
    before = Math.max(before, at);
  }
  const routine = pushes.filter(({ ops }) => ops.every((op) => op === "renew"));
  return { pushes, routine };
}

test("renewals ride on the pushes of those who ask for something, who wait no longer for that", {
  timeout: 60_000,
}, async () => {
  const waited: number[] = [];
  const { routine, pushes } = await staying({ holders: 6, time: 12 * MINUTE }, async (open, wait) => {
    for (let round = 0; round < 30; round += 1) {
      const asker = open("asker");
      const { clock } = asker.ledger;
      const begin = clock.wall();
      ok(await lock(asker, { locks: [`of-round-${round}`] }));
      waited.push(clock.wall() - begin);
      await wait(20 * SECOND);
    }
  });
  const riding = pushes.filter(({ at, ops }) => at > MINUTE && ops.includes("acquire") && ops.includes("renew"));
  expect(riding.length).toBeGreaterThan(3);
  expect(routine.filter(({ at }) => at < 10 * MINUTE)).toEqual([]);
  // Its own push, and at the beginning one that was under way.
  expect(Math.max(...waited)).toBeLessThan(5 * SECOND);
});

test("while the push budget is used up a renewal waits, but never so long that something would lapse", {
  timeout: 60_000,
}, async () => {
  const { routine } = await staying({ holders: 3, time: 20 * MINUTE, budget: "6/min", since: async () => 6 });
  // Of five minutes: half a minute before the end the work would stop, and a minute is kept for the push.
  const gaps = routine.map(({ at }, index) => at - (routine[index - 1]?.at ?? 0));
  expect(gaps.length).toBeGreaterThan(4);
  expect(Math.min(...gaps)).toBeGreaterThan(200 * SECOND);
});

test("when the budget has room again the renewal goes, once for all", { timeout: 60_000 }, async () => {
  const free = 170 * SECOND;
  const since = async (time: number) => (time + MINUTE < BEGIN + free ? 6 : 0);
  const { routine } = await staying({ holders: 3, time: 180 * SECOND, budget: "6/min", since });
  expect(routine.map(({ ops }) => ops)).toEqual([["renew", "renew", "renew"]]);
  expect(routine[0]?.at).toBeGreaterThanOrEqual(free);
  expect(routine[0]?.at).toBeLessThan(free + 7 * SECOND);
});

/** Work under a lock: how it ended, and when what was pushed for it. */
async function working(wish: {
  readonly ttl: string;
  /** How long the answer took, milliseconds. */
  readonly took: number;
  readonly time: number;
  readonly longestHold?: string;
}) {
  const { clones } = await openBench("machine");
  const [clone] = clones;
  const scheduler = new Scheduler();
  const over = new AbortController();
  const pushes: Push[] = [];
  const coordination = machine(clone, scheduler, new Rng(1), pushes)("ana");
  const story = async () => {
    if (wish.longestHold) ok(await configure(coordination, "Longest hold", wish.longestHold));
    const { leases } = ok(await lock(coordination, { locks: ["it"], ttl: wish.ttl })).value;
    const held = leases.map(({ resource, fence }) => ({ resource, fence }));
    const tip = await refresh(coordination.ledger, undefined);
    const actor = { id: "ana", session: "s-ana", host: clone.name };
    scheduler.at(wish.time, () => over.abort());
    const how = { held, onTerm: () => {}, signal: over.signal };
    const kept = await keepHolding(coordination, actor, tip, scheduler.now - wish.took, how);
    await kept.settle("finish");
    return { loss: kept.loss, ended: scheduler.now };
  };
  const told = story();
  await scheduler.run(1_000_000);
  const renewals = pushes.filter(({ ops }) => ops.includes("renew"));
  return { ...(await told), renewals: renewals.map(({ at }) => at) };
}

test("a lease whose answer took long is renewed in time all the same", async () => {
  const { loss, renewals } = await working({ ttl: "15s", took: 6 * SECOND, time: 10 * MINUTE });
  expect(loss).toBeNull();
  // Once in a hurry, then as the board's times say.
  expect(renewals.length).toBeLessThan(5);
});

test("at the end of the longest hold nothing is hurried: no renewal would extend it", async () => {
  const { loss, renewals, ended } = await working({
    ...{ ttl: "10m", took: 0, time: HOUR },
    longestHold: "30m",
  });
  expect(loss).toMatchObject({ kind: "expiring" });
  expect(renewals.filter((at) => at > 20 * MINUTE).length).toBeLessThan(4);
  expect(30 * MINUTE - ended).toBeGreaterThan(10 * SECOND);
});
