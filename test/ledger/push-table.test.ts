/** The table of DESIGN 6, row by row: what git said, what it means, what happens next. */
import { describe, expect, it } from "vitest";
import { file, lock } from "../../src/domain/resource.ts";
import { beaten, failureOf, fate, openBench } from "./bench.ts";

const LOCK = { op: "acquire", resources: [lock("build")], ttl: null, reason: null } as const;
const FILE = { op: "acquire", resources: [file("src/a.ts")], ttl: null, reason: null } as const;

describe("exit 0 and a ` ` or `*` row", () => {
  it("landed: done, the local tip moves, no record stays", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
    expect(ada.log).toEqual(["push"]);
    expect(ada.machine.tip).toBe(bench.server.tip);
    expect(ada.machine.pending.size).toBe(0);
  });
});

describe("a `=` row", () => {
  it("is landed when our own commit is there", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    ada.fates = [
      ({ land }) => {
        land();
        return { kind: "up_to_date" };
      },
    ];
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
    expect(ada.log).toEqual(["push", "fetch"]);
    expect(bench.subjects).toHaveLength(2);
  });

  it("is not believed when it is not", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    ada.fates = [
      beaten(
        () => bob.ask(LOCK),
        () => ({ kind: "up_to_date" }),
      ),
    ];
    expect(await ada.verdicts(LOCK)).toEqual(["refused"]);
    expect(bench.subjects).toHaveLength(2);
  });
});

describe("`! [rejected]`", () => {
  it("somebody was first: fetch, decide again", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    ada.fates = [beaten(() => bob.ask(FILE))];
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
    expect(ada.log).toEqual(["push", "fetch", "push"]);
    expect(bench.text()).toMatch(/src\/a\.ts \| bob/);
  });

  it("and what is decided again may be refused now, with the holder's name", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    ada.fates = [beaten(() => bob.ask(LOCK))];
    const { answers } = await ada.ask(LOCK);
    expect(answers[0]?.answer).toMatchObject({ kind: "refused", refusal: { kind: "held", lease: { holder: "bob" } } });
    expect(ada.machine.pending.size).toBe(0);
  });
});

describe("`! [remote rejected]` and the tip moved", () => {
  it("somebody was first, seen by the server: decide again", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    ada.fates = [beaten(() => bob.ask(FILE), fate.refused)];
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
  });

  it("a moment later, because the winner had the ref's lock: decide again", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    const { fetch } = ada;
    let looks = 0;
    ada.fetch = async () => {
      looks += 1;
      if (looks === 2) await bob.ask(FILE);
      return fetch.call(ada);
    };
    ada.fates = [fate.refused];
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
    expect(ada.sleeps).not.toEqual([]);
  });
});

describe("`! [remote rejected]` and the tip did not move", () => {
  it("a hook, a protection, a left-over lock: stop, with the server's words, and nothing is left", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    ada.fates = [fate.refused];
    expect(await failureOf(ada.ask(LOCK))).toEqual({ code: "remote_refused", words: "GH006: protected branch" });
    expect(ada.log).toEqual(["push", "fetch", "fetch", "fetch"]);
    expect(bench.subjects).toHaveLength(1);
    expect(ada.machine.pending.size).toBe(0);
  });
});

describe("nothing was sent", () => {
  it("nothing can land: stop, unreachable, without a second try", async () => {
    const { clones } = await openBench("ada");
    const [ada] = clones;
    ada.fates = [fate.unsent];
    expect(await failureOf(ada.ask(LOCK))).toEqual({ code: "unreachable", words: "could not resolve host" });
    expect(ada.log).toEqual(["push"]);
    expect(ada.machine.pending.size).toBe(0);
  });

  it("but after a push in doubt it proves nothing: look", async () => {
    const { clones } = await openBench("ada");
    const [ada] = clones;
    let land: () => boolean = () => false;
    ada.fates = [
      (arrival) => {
        ({ land } = arrival);
        return fate.dropped();
      },
      () => {
        land();
        return fate.unsent();
      },
    ];
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
  });
});

describe("no row: unknown", () => {
  it("the commit is reachable: landed", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    ada.fates = [fate.lostReply];
    const { pushes } = await ada.ask(LOCK);
    expect(pushes).toBe(1);
    expect(ada.log).toEqual(["push", "fetch"]);
    expect(bench.subjects).toHaveLength(2);
  });

  it("the commit is reachable behind others: landed", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    ada.fates = [
      async (arrival) => {
        const outcome = fate.lostReply(arrival);
        await bob.ask(FILE);
        return outcome;
      },
    ];
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
    expect(bench.subjects).toHaveLength(3);
    expect(ada.machine.tip).toBe(bench.server.tip);
  });

  it("the tip is not the base: it can never land, decide again", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    ada.fates = [beaten(() => bob.ask(LOCK), fate.dropped)];
    expect(await ada.verdicts(LOCK)).toEqual(["refused"]);
  });

  it("the tip is still the base: push the same commit again", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    ada.fates = [fate.dropped, fate.dropped];
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
    expect(new Set(ada.pushed).size).toBe(1);
    expect(ada.pushed).toHaveLength(3);
    expect(bench.subjects).toHaveLength(2);
  });

  it("then a rejection proves nothing either: the push in doubt may be what moved the tip", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    let land: () => boolean = () => false;
    ada.fates = [
      (arrival) => {
        ({ land } = arrival);
        return fate.dropped();
      },
      beaten(async () => {
        land();
        await bob.ask(FILE);
      }),
    ];
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
    expect(bench.subjects).toHaveLength(3);
  });

  it("then a refusal proves nothing either: the push in doubt may hold the ref's lock", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    let land: () => boolean = () => false;
    ada.fates = [
      (arrival) => {
        ({ land } = arrival);
        return fate.dropped();
      },
      fate.refused,
      beaten(() => land()),
    ];
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
    expect(bench.subjects).toHaveLength(2);
  });

  it("to give up, a barrier lands on the base first, and the late push finds its base gone", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    let land: () => boolean = () => true;
    const late = (arrival: { land: () => boolean }) => {
      ({ land } = arrival);
      return fate.dropped();
    };
    ada.fates = [late, late, late, late, late];
    expect((await failureOf(ada.ask(LOCK))).code).toBe("abandoned");
    expect(land()).toBe(false);
    expect(bench.subjects[1]).toMatch(/^barrier: /);
    expect(bench.text()).toBe(bench.text(bench.objects.parentOf(bench.server.tip as string)));
    expect(ada.machine.pending.size).toBe(0);
  });

  it("the barrier finds that the push has landed after all: granted", async () => {
    const { clones } = await openBench("ada");
    const [ada] = clones;
    let land: () => boolean = () => false;
    const late = (arrival: { land: () => boolean }) => {
      ({ land } = arrival);
      return fate.dropped();
    };
    ada.fates = [late, late, late, late, late, beaten(() => land())];
    expect(await ada.verdicts(LOCK)).toEqual(["granted"]);
  });

  it("the remote is unreachable: unknown, and the record stays", async () => {
    const { clones } = await openBench("ada");
    const [ada] = clones;
    ada.isDown = true;
    ada.fates = Array.from({ length: 6 }, () => fate.dropped);
    expect(await failureOf(ada.ask(LOCK))).toMatchObject({ code: "unknown", commit: ada.pushed[0] });
    expect([...ada.machine.pending.values()][0]?.record).toMatchObject({
      commit: ada.pushed[0],
      base: ada.machine.tip,
    });
  });
});

describe("the next command after an unknown push settles it first", () => {
  const inDoubt = async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada] = clones;
    let land: () => boolean = () => false;
    ada.isDown = true;
    ada.fates = Array.from({ length: 6 }, () => (arrival) => {
      land = arrival.commit === ada.pushed[0] ? arrival.land : land;
      return fate.dropped();
    });
    await failureOf(ada.ask(LOCK));
    ada.isDown = false;
    ada.fates = [];
    return { bench, clones, land: () => land() };
  };

  it("as landed, in the same process", async () => {
    const { clones, land } = await inDoubt();
    land();
    const { answers, settled } = await clones[0].ask(LOCK);
    expect(settled).toMatchObject([{ outcome: "landed", record: { commit: clones[0].pushed[0] } }]);
    expect(answers[0]?.answer.kind).toBe("unchanged");
  });

  it("as landed, in a new one", async () => {
    const { clones, land } = await inDoubt();
    clones[0].restart();
    land();
    expect((await clones[0].ask(FILE)).settled).toMatchObject([{ outcome: "landed" }]);
  });

  it("as never landed, by a barrier when the tip is still the base", async () => {
    const { bench, clones, land } = await inDoubt();
    clones[0].restart();
    const { settled } = await clones[0].ask(FILE);
    expect(settled).toMatchObject([{ outcome: "never_landed" }]);
    expect(bench.subjects[1]).toMatch(/^barrier: /);
    expect(land()).toBe(false);
    expect(clones[0].machine.pending.size).toBe(0);
  });

  it("as never landed, without a barrier when somebody else has moved the tip", async () => {
    const { bench, clones } = await inDoubt();
    await clones[1].ask(FILE);
    clones[0].restart();
    expect((await clones[0].ask(LOCK)).settled).toMatchObject([{ outcome: "never_landed" }]);
    expect(bench.subjects.join()).not.toMatch(/barrier/);
  });

  it("or fails, with the record still there, while the remote cannot be asked", async () => {
    const { clones } = await inDoubt();
    const [ada] = clones;
    ada.restart();
    ada.isDown = true;
    ada.log.length = 0;
    expect((await failureOf(ada.ask(FILE))).code).toBe("unreachable");
    expect(ada.log).toEqual(["fetch"]);
    expect(ada.machine.pending.size).toBe(1);
  });
});

describe("before a push", () => {
  it("its request, its commit and its base are written down", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    const base = bench.server.tip;
    const seen: unknown[] = [];
    ada.fates = [
      (arrival) => {
        seen.push(...[...ada.machine.pending.values()].map(({ record }) => record));
        return fate.honest(arrival);
      },
    ];
    const { answers } = await ada.ask(LOCK);
    const commit = answers[0]?.tip.commit;
    expect(seen).toMatchObject([{ requests: [{ opId: expect.stringMatching(/^op1-/), commit }], commit, base }]);
  });
});
