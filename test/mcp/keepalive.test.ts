import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { breakLeases, type Coordination, configure, lock, openCoordination, status, unlock } from "../../src/index.ts";
import type { Clock } from "../../src/ledger/ports.ts";
import { Keepalive } from "../../src/mcp/keepalive.ts";
import { Session } from "../../src/mcp/session.ts";
import { MINUTE, ok, SECOND, START, team } from "../app/team.ts";
import { until } from "../support/file-signal.ts";

/** A clock whose sleepers wake when the test lets the time pass. */
class SleepingClock implements Clock {
  #now = START;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();
  wall = () => this.#now;
  monotonic = () => this.#now - START;
  bootId = () => "boot";
  sleep(duration: number, signal?: AbortSignal): Promise<void> {
    // The pauses of a retry are nobody's business here.
    if (duration < 10 * SECOND) return turn();
    return new Promise((resolve, reject) => {
      const sleeper = { at: this.#now + duration, wake: resolve };
      this.#sleepers.add(sleeper);
      const give = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", give, { once: true });
    });
  }
  /** How many are asleep: what would keep a process from ending. */
  get sleeping(): number {
    return this.#sleepers.size;
  }
  /** Time goes by, and everybody whose time has come has done what they wake for. */
  async pass(duration: number): Promise<void> {
    this.#now += duration;
    for (const sleeper of this.#sleepers) {
      if (sleeper.at > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
    await turn();
  }
}

describe("keeping alive", () => {
  function keepalive(renew: (self: Keepalive) => void = () => {}) {
    const clock = new SleepingClock();
    const renewals: number[] = [];
    const self: Keepalive = new Keepalive(clock, async () => {
      renewals.push((clock.wall() - START) / SECOND);
      renew(self);
    });
    return { clock, renewals, self };
  }

  test("renews a third of the way to the first expiry, again and again", async () => {
    const { clock, renewals, self } = keepalive((each) => each.watch(clock.wall() + 5 * MINUTE));
    self.watch(START + 5 * MINUTE);
    for (let second = 0; second < 310; second += 1) await clock.pass(SECOND);
    expect(renewals).toEqual([100, 200, 300]);
  });

  test("is not put off by being told the same again", async () => {
    const { clock, renewals, self } = keepalive();
    for (let second = 0; second < 100; second += 1) {
      self.watch(START + 5 * MINUTE);
      await clock.pass(SECOND);
    }
    expect(renewals).toEqual([100]);
  });

  test("tries again in what is left when a renewal fails, and seldom once it is too late", async () => {
    const { clock, renewals, self } = keepalive();
    self.watch(START + 90 * SECOND);
    for (let second = 0; second < 200; second += 1) await clock.pass(SECOND);
    expect(renewals.slice(0, 3)).toEqual([30, 50, 64]);
    const late = renewals.filter((at) => at > 90);
    expect(late.length).toBeGreaterThanOrEqual(2);
    expect(late.length).toBeLessThanOrEqual(4);
  });

  test("stops when nothing is held", async () => {
    const { clock, renewals, self } = keepalive();
    self.watch(START + MINUTE);
    self.watch(null);
    await clock.pass(10 * MINUTE);
    expect(renewals).toEqual([]);
  });
});

describe("a session", () => {
  async function session(ports: Partial<Coordination> = {}) {
    const { here, there } = await team();
    const clock = new SleepingClock();
    const reports: string[] = [];
    const coordination = await openCoordination({ cwd: here.clone.path, env: here.clone.env, as: "ana", clock });
    const board = async () => ok(await status(await there.open(null))).value;
    const lease = async () => (await board()).leases.find(({ holder }) => holder === "ana");
    const busy = () => coordination.ledger.lock.tryAcquire();
    const self = new Session({ ...coordination, ...ports }, (words) => reports.push(words));
    return { clock, reports, there, lease, busy, self };
  }

  test("keeps a lease far beyond its time, with the same fence, while nobody asks for anything", async () => {
    const { clock, lease, self, reports } = await session();
    const { value } = ok(await self.write((own) => lock(own, { files: ["src/"] })));
    for (let round = 1; round <= 4; round += 1) {
      const before = (await lease())?.expires ?? 0;
      await clock.pass(100 * SECOND);
      await until("a renewal", async () => ((await lease())?.expires ?? 0) > before);
    }
    expect(clock.wall()).toBeGreaterThan(START + 5 * MINUTE);
    expect(await lease()).toMatchObject({ fence: value.leases[0]?.fence });
    expect(reports).toEqual([]);
    ok(await self.write((own) => unlock(own, { all: true })));
    await self.close();
    expect(await lease()).toBeUndefined();
  });

  test("renews later while the push budget is used up, but in time", async () => {
    let asked = 0;
    const since = async () => {
      asked += 1;
      return 99;
    };
    const { clock, there, lease, self } = await session({ pushLog: { since } });
    ok(await configure(await there.open("bob"), "Push budget", "6/min"));
    ok(await self.write((own) => lock(own, { files: ["src/"] })));
    const before = (await lease())?.expires ?? 0;
    // A third of five minutes, and a third of what is left.
    for (const [count, time] of [100, 67].entries()) {
      await clock.pass(time * SECOND);
      await until("the budget to be asked", () => asked > count);
      expect((await lease())?.expires).toBe(before);
    }
    await clock.pass(45 * SECOND);
    await until("a renewal", async () => ((await lease())?.expires ?? 0) > before);
    await self.close();
  });

  test("finds out by itself what was taken, and tells it once", async () => {
    const { clock, there, lease, self } = await session();
    ok(await self.write((own) => lock(own, { locks: ["build", "gpu"] })));
    ok(await breakLeases(await there.open("bob"), { resources: ["build", "gpu"], force: true, reason: "gone" }));
    ok(await self.write((own) => lock(own, { locks: ["tpu"] })));
    const before = (await lease())?.expires ?? 0;
    await clock.pass(5 * MINUTE);
    await until("a renewal of the rest", async () => ((await lease())?.expires ?? 0) > before);
    expect(self.takeLosses()).toEqual(["lock:build", "lock:gpu"]);
    expect(self.takeLosses()).toEqual([]);
    await self.close();
  });

  test("takes back what its client cancels while another process of the clone has the lock", async () => {
    const { self, lease, busy } = await session();
    ok(await self.write((own) => lock(own, { locks: ["build"] })));
    ok(await self.write((own) => unlock(own, { all: true })));
    const other = await busy();
    const cancel = new AbortController();
    const call = self.write((own) => lock(own, { locks: ["gpu"] }), cancel.signal);
    await turn();
    cancel.abort();
    await expect(call).rejects.toMatchObject({ data: { code: "busy" } });
    await other?.release();
    ok(await self.write((own) => unlock(own, { all: true })));
    expect(await lease()).toBeUndefined();
    await self.close();
  });

  test("gives back what it holds when its client goes, though the lock is busy just then", async () => {
    const { self, lease, busy, reports } = await session();
    ok(await self.write((own) => lock(own, { locks: ["build"] })));
    const other = await busy();
    const closing = self.close();
    await turn();
    expect(await lease()).toBeDefined();
    await other?.release();
    await closing;
    expect(await lease()).toBeUndefined();
    expect(reports).toEqual([]);
  });

  test("begins nothing more once it is closed", async () => {
    const { self, lease, clock } = await session();
    ok(await self.write((own) => lock(own, { locks: ["build"] })));
    const underWay = self.write((own) => lock(own, { locks: ["gpu"] }));
    await turn();
    const closing = self.close();
    await expect(self.write((own) => lock(own, { locks: ["tpu"] }))).rejects.toThrow("the client has gone");
    await closing;
    ok(await underWay);
    expect(await lease()).toBeUndefined();
    expect(clock.sleeping).toBe(0);
  });
});
