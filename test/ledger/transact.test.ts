/** One retry loop for everything that writes: what it costs, when it answers, when it gives up. */
import { describe, expect, it } from "vitest";
import { file, lock } from "../../src/domain/resource.ts";
import { LedgerFailure } from "../../src/ledger/failure.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { propose } from "../../src/ledger/proposal.ts";
import { transact } from "../../src/ledger/transact.ts";
import { trailer } from "../simulation/chain.ts";
import { Bench, BOARD, beaten, failureOf, openBench } from "./bench.ts";

const acquire = (...resources: Parameters<typeof file>[0][]) =>
  ({ op: "acquire", resources: resources.map(file), ttl: null, reason: null }) as const;
const BUILD = { op: "acquire", resources: [lock("build")], ttl: null, reason: null } as const;
const NEXT = { op: "claim", task: null, area: null, with: [] } as const;
const unlock = { op: "unlock", resources: null } as const;

describe("an answer", () => {
  it("that is a lone, uncontended claim costs exactly one push and no fetch", async () => {
    const { clones } = await openBench("ada");
    const { pushes } = await clones[0].ask(NEXT);
    expect(pushes).toBe(1);
    expect(clones[0].log).toEqual(["push"]);
  });

  it("that is a refusal is given only on a freshly fetched tip", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await bob.ask(BUILD);
    await ada.fetch();
    ada.log.length = 0;
    const { answers, pushes } = await ada.ask(BUILD);
    expect(answers[0]?.answer.kind).toBe("refused");
    expect(pushes).toBe(0);
    expect(ada.log).toEqual(["fetch"]);
  });

  it("is a grant when the tip seen last refuses and the present one does not", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await bob.ask(BUILD);
    await ada.fetch();
    await bob.ask(unlock);
    expect(await ada.verdicts(BUILD)).toEqual(["granted"]);
  });

  it("that changes nothing is given only on a freshly fetched tip, too", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await ada.ask(BUILD);
    await bob.ask({ op: "break", resources: [lock("build")], force: true, reason: "it hangs" });
    expect(await ada.verdicts(BUILD)).toEqual(["granted"]);
  });

  it("fails when a fetch fails: silence is not a free lock", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await bob.ask(BUILD);
    await ada.fetch();
    ada.isDown = true;
    expect((await failureOf(ada.ask(BUILD))).code).toBe("unreachable");
  });
});

describe("several requests", () => {
  it("travel in one push, each decided on the outcome of those before it", async () => {
    const { bench, clones } = await openBench("ada");
    const { answers, pushes } = await clones[0].ask(NEXT, NEXT, BUILD);
    expect(pushes).toBe(1);
    expect(answers.map(({ answer }) => answer.kind)).toEqual(["granted", "granted", "granted"]);
    expect(bench.messages.map((message) => trailer(message, "Coord-Seq"))).toEqual(["1", "2", "3", "4"]);
  });

  it("do not depend on each other: one that is refused does not stop the rest", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await bob.ask(BUILD);
    await ada.fetch();
    expect(await ada.verdicts(NEXT, BUILD, acquire("src/a.ts"))).toEqual(["granted", "refused", "granted"]);
  });

  it("are not refused on a tip that their own push proves to be out of date", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await bob.ask(BUILD);
    await ada.fetch();
    await bob.ask(unlock);
    expect(await ada.verdicts(NEXT, BUILD)).toEqual(["granted", "granted"]);
  });

  it("are all decided again after a lost race", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    ada.fates = [beaten(() => bob.ask(BUILD))];
    expect(await ada.verdicts(NEXT, BUILD)).toEqual(["granted", "refused"]);
    expect(ada.machine.pending.size).toBe(0);
    expect(bench.subjects).toHaveLength(3);
  });
});

describe("a lost race", () => {
  it("is decided again from the request: the next free task", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    ada.fates = [beaten(() => bob.ask(NEXT))];
    const { answers } = await ada.ask(NEXT);
    expect(answers[0]?.answer).toMatchObject({ kind: "granted", grant: { task: { id: "T002" }, fence: 3 } });
  });

  it.each([
    ["a push that takes no time that a clock could tell", 0, [25, 50, 100, 120]],
    ["one of 150 ms", 150, [375, 750, 1500, 1800]],
    ["one that waited for something else", 30_000, [2500, 5000, 10_000, 12_000]],
  ])("is run again after a pause with full jitter, within a bound that doubles: after %s", async (_, push, pauses) => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    const beatenByBob = (index: number) =>
      beaten(async () => {
        bench.now += push;
        await bob.ask(acquire(`src/${index}.ts`));
      });
    ada.fates = Array.from({ length: 4 }, (_, index) => beatenByBob(index));
    await ada.ask(NEXT);
    expect(ada.sleeps).toEqual(pauses);
  });

  it("lost 64 times is contention, and nothing was written", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    ada.fates = Array.from({ length: 64 }, (_, index) => beaten(() => bob.ask(acquire(`src/${index}.ts`))));
    expect(await failureOf(ada.ask(NEXT))).toEqual({ code: "contention", attempts: 64 });
    expect(bench.text()).not.toMatch(/ada/);
    expect(ada.machine.pending.size).toBe(0);
  });

  it("that goes on for four minutes is contention, too: a caller has to hear", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    const slowly = (index: number) =>
      beaten(async () => {
        bench.now += 20_000;
        await bob.ask(acquire(`src/${index}.ts`));
      });
    ada.fates = Array.from({ length: 64 }, (_, index) => slowly(index));
    const failure = await failureOf(ada.ask(NEXT));
    expect(failure).toMatchObject({ code: "contention" });
    expect((failure as { attempts: number }).attempts).toBeLessThan(12);
    expect(bench.now).toBeLessThan(280_000);
  });

  it("is not run again when the caller has lost patience", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    const controller = new AbortController();
    ada.fates = [
      beaten(async () => {
        await bob.ask(BUILD);
        controller.abort();
      }),
    ];
    const asked = transact(ada.ledger, [propose(ada.request(NEXT))], controller.signal);
    expect(await failureOf(asked)).toEqual({ code: "contention", attempts: 1 });
    expect(ada.log).toEqual(["push"]);
  });
});

describe("nothing is written", () => {
  it("when there is no branch", async () => {
    const clone = new Bench().clone("ada");
    expect((await failureOf(clone.ask(BUILD))).code).toBe("no_branch");
    expect(clone.log).toEqual(["fetch"]);
  });

  it("when the tip's board cannot be read", async () => {
    const { bench, clones } = await openBench("ada");
    const broken = bench.push(BOARD.replace("| T002 | 1 |", "| T002 | soon |"));
    await clones[0].fetch();
    clones[0].log.length = 0;
    expect(await failureOf(clones[0].ask(BUILD))).toMatchObject({ code: "bad_board", commit: broken });
    expect(clones[0].log).toEqual(["fetch"]);
  });

  it("when the tip's board contradicts itself", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    await clones[1].ask(acquire("src/a.ts"));
    bench.push(bench.text().replace(/(\| src\/)a\.ts( \| )bob(.*\n)/, "$&$1$2eve$3"));
    expect(await failureOf(clones[0].ask(BUILD))).toMatchObject({
      code: "bad_board",
      problems: [{ code: "two_holders" }],
    });
  });

  it("on a damaged tip that was seen last, when the present one is healthy: it is fetched", async () => {
    const { bench, clones } = await openBench("ada");
    bench.push("no board at all");
    await clones[0].fetch();
    bench.push(BOARD);
    expect(await clones[0].verdicts(BUILD)).toEqual(["granted"]);
  });

  it("when the branch was moved back or deleted", async () => {
    for (const back of [true, false]) {
      const { bench, clones } = await openBench("ada");
      const [ada] = clones;
      const root = bench.server.tip;
      await ada.ask(NEXT);
      const known = ada.machine.tip;
      bench.server.tip = back ? root : null;
      expect(await failureOf(ada.ask(BUILD))).toEqual({ code: "rewritten", known, remote: back ? root : null });
      expect([ada.machine.tip, bench.server.tip]).toEqual([known, back ? root : null]);
    }
  });

  it("when the tip's time is more than a day ahead of this machine's clock", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    bench.now += 25 * 3_600_000;
    await bob.ask(NEXT);
    bench.now = 0;
    expect(await failureOf(ada.ask(NEXT))).toMatchObject({ code: "far_ahead", commit: bench.server.tip });
    expect(bench.subjects).toHaveLength(2);
  });

  it("on a tip that is refused as a base", async () => {
    const { clones } = await openBench("ada");
    const [ada] = clones;
    const objection = new LedgerFailure({ code: "bad_board", commit: "c", problems: [] });
    const ledger = openLedger({ ...ada.parts(), acceptTip: async () => objection });
    expect((await failureOf(transact(ledger, [propose(ada.request(BUILD))]))).code).toBe("bad_board");
    expect(ada.log).toEqual([]);
  });
});

describe("a commit", () => {
  it("never goes back in time, though the clock of its machine does", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    bench.now = 60_000;
    await clones[1].ask(NEXT);
    bench.now = 0;
    await clones[0].ask(NEXT);
    const times = bench.messages.map((message) => trailer(message, "Coord-At"));
    expect(times.slice(1)).toEqual(["2026-01-21T14:31:00.000Z", "2026-01-21T14:31:00.000Z"]);
  });

  it("after a hand edit stands one after it", async () => {
    const { bench, clones } = await openBench("ada");
    bench.push(`${bench.text()}\nA note.\n`);
    const { answers } = await clones[0].ask(NEXT);
    expect(answers[0]?.answer).toMatchObject({ grant: { fence: 3 } });
  });
});

describe("a writer that wins again and again", () => {
  const times = async (count: number, act: (index: number) => Promise<unknown>) => {
    for (let index = 0; index < count; index += 1) await act(index);
  };

  it("steps aside for others, after twice as many pushes each time that nobody was waiting, whatever process makes them", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await bob.ask(NEXT);
    const asides: number[] = [];
    // The first is decided on an old tip, and lost.
    await times(1 + 4 + 8 + 1, async (index) => {
      const before = ada.sleeps.length;
      ada.restart();
      await ada.ask(acquire(`src/${index}.ts`));
      if (index > 0 && ada.sleeps.length > before) asides.push(index);
    });
    expect(asides).toEqual([4, 12]);
    expect(ada.sleeps.slice(-1)).toEqual([35]);
  });

  it("does so soon again when somebody was", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await bob.ask(NEXT);
    await ada.fetch();
    await times(5, (index) => ada.ask(acquire(`src/${index}.ts`)));
    ada.fates = [beaten(() => bob.ask(BUILD))];
    await ada.ask(acquire("src/beaten.ts"));
    ada.sleeps.length = 0;
    await times(4, (index) => ada.ask(acquire(`lib/${index}.ts`)));
    expect(ada.sleeps).toEqual([35]);
  });

  it("goes on at once when it is alone, and when it has paused anyway", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await times(6, (index) => ada.ask(acquire(`src/${index}.ts`)));
    await bob.fetch();
    await bob.ask(NEXT);
    await ada.fetch();
    await times(6, async (index) => {
      bench.now += 60;
      await ada.ask(acquire(`lib/${index}.ts`));
    });
    expect(ada.sleeps).toEqual([]);
  });
});
