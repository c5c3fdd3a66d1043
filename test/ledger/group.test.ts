/** Group commit: several callers of one clone, one push (DESIGN 7). The simulation tries what nobody wrote down here. */
import { describe, expect, it } from "vitest";
import type { Operation, Request } from "../../src/domain/request.ts";
import { lock } from "../../src/domain/resource.ts";
import { exclusively, type Performed, perform, publishTogether } from "../../src/ledger/group.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { propose } from "../../src/ledger/proposal.ts";
import { type Clone, failureOf, fate, openBench } from "./bench.ts";

const take = (name: string): Operation => ({ op: "acquire", resources: [lock(name)], ttl: null, reason: null });
const ADD = (title: string): Operation =>
  ({ op: "add", title, priority: 1, area: null, after: [], id: null }) satisfies Operation;

/** A caller of a clone with an id of its own. */
const by = (clone: Clone, id: string, operation: Operation): Request => {
  const request = clone.request(operation);
  return { ...request, actor: { ...request.actor, id, session: `s-${id}` } };
};
const ask = (clone: Clone, id: string, operation: Operation, ledger: Ledger = clone.ledger): Promise<Performed> =>
  perform(ledger, [by(clone, id, operation)]);

const kinds = (all: readonly Performed[]) => all.flatMap(({ answers }) => answers.map(({ verdict }) => verdict.kind));
const pushes = ({ log }: Clone) => log.filter((step) => step === "push").length;

/** Holds the next push of the clone until the callback has run. */
function during(clone: Clone, act: () => unknown): void {
  clone.fates = [
    async (arrival) => {
      await act();
      return fate.honest(arrival);
    },
  ];
}

const settledTurns = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe("a lone request", () => {
  it("takes one push, no fetch, and leaves nothing in the queue", async () => {
    const { clones } = await openBench("ada");
    const [ada] = clones;
    expect(kinds([await ask(ada, "ada", take("build"))])).toEqual(["granted"]);
    expect(ada.log).toEqual(["push"]);
    expect(ada.machine.jobs).toEqual([]);
    expect(ada.machine.lock).toBeNull();
  });
});

describe("requests that come while another one is pushed", () => {
  it("travel together in the next push, one commit each, in the order in which they came", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    const others: Promise<Performed>[] = [];
    during(ada, async () => {
      for (const id of ["bob", "cy", "dee"]) others.push(ask(ada, id, take(`lock-of-${id}`), ada.another()));
      await settledTurns();
    });
    await ask(ada, "ada", take("build"));
    expect(kinds(await Promise.all(others))).toEqual(["granted", "granted", "granted"]);
    expect(pushes(ada)).toBe(2);
    expect(bench.subjects.slice(2)).toEqual([
      expect.stringContaining("bob"),
      expect.stringContaining("cy"),
      expect.stringContaining("dee"),
    ]);
  });

  it("are decided on the outcome of those before them", async () => {
    const { clones } = await openBench("ada");
    const [ada] = clones;
    const others: Promise<Performed>[] = [];
    during(ada, async () => {
      for (const id of ["bob", "cy"]) others.push(ask(ada, id, take("gpu"), ada.another()));
      await settledTurns();
    });
    await ask(ada, "ada", take("build"));
    const [bob, cy] = await Promise.all(others);
    expect(kinds([bob as Performed])).toEqual(["granted"]);
    expect(cy?.answers[0]?.verdict).toMatchObject({ kind: "refused", refusal: { lease: { holder: "bob" } } });
  });

  it("hear of the failure that stopped them all, and nothing of theirs is in the chain", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    const others: Promise<unknown>[] = [];
    during(ada, async () => {
      ada.fates.push(fate.refused);
      for (const id of ["bob", "cy"]) others.push(failureOf(ask(ada, id, take(`lock-of-${id}`), ada.another())));
      await settledTurns();
    });
    await ask(ada, "ada", take("build"));
    for (const failure of await Promise.all(others)) expect(failure).toMatchObject({ code: "remote_refused" });
    expect(bench.subjects).toHaveLength(2);
  });
});

describe("a process that dies with the requests of others in its hands", () => {
  /** Bob leads and dies at the moment of his push, with the job of Ada, whose process lives on. */
  async function leaderDies(fateOfPush: (land: () => boolean) => void) {
    const { bench, clones } = await openBench("clone");
    const [clone] = clones;
    const owner = { alive: true };
    const ada = clone.another();
    const bob = (await import("../../src/ledger/ledger.ts")).openLedger(clone.parts(owner));
    let answer: Promise<Performed> | null = null;
    clone.fates = [
      async (arrival) => {
        answer = ask(clone, "ada", ADD("of ada"), ada);
        await settledTurns();
        return fate.honest(arrival);
      },
      (arrival) => {
        fateOfPush(arrival.land);
        owner.alive = false;
        return new Promise<never>(() => {});
      },
    ];
    // Bob's first request is pushed while Ada's is put into the queue; his second one takes hers along.
    await ask(clone, "bob", take("build"), bob);
    void ask(clone, "bob", take("gpu"), bob);
    const told = await (answer as unknown as Promise<Performed>);
    const added = bench.subjects.filter((subject) => subject.includes("of ada"));
    return { told, added, clone };
  }

  it("before it landed: they are decided again, and are in the chain once", async () => {
    const { told, added } = await leaderDies(() => {});
    expect(kinds([told])).toEqual(["granted"]);
    expect(added).toHaveLength(1);
  });

  it("after it landed: they get the answer of the commit that is there, and are in the chain once", async () => {
    const { told, added, clone } = await leaderDies((land) => land());
    expect(told.answers[0]).toMatchObject({ written: true, verdict: { kind: "granted", grant: { op: "add" } } });
    expect(added).toHaveLength(1);
    expect(clone.machine.pending.size).toBe(0);
    expect(clone.machine.jobs).toEqual([]);
  });
});

describe("what travels with a request, and nobody waits for", () => {
  /** Bob's wish rides with whatever Ada asks for. */
  async function riding(operation: Operation) {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    await ask(ada, "ada", take("build"));
    ada.log.length = 0;
    const told: string[] = [];
    const riders = {
      proposals: async () => [propose(by(ada, "bob", take("gpu")))],
      onAnswers: async (answers: readonly { answer: { kind: string } }[]) => {
        told.push(...answers.map(({ answer }) => answer.kind));
      },
    };
    const performed = await perform(ada.ledger, [by(ada, "cy", operation)], { riders });
    return { ada, bench, told, performed };
  }

  it("is a commit behind it, in the same push", async () => {
    const { ada, bench, told } = await riding(take("tpu"));
    expect(ada.log).toEqual(["push"]);
    expect(bench.subjects.slice(2)).toEqual([expect.stringContaining("tpu"), expect.stringContaining("gpu")]);
    expect(told).toEqual(["granted"]);
  });

  it("is not pushed for its own sake", async () => {
    const { ada, bench, told, performed } = await riding(take("build"));
    expect(kinds([performed])).toEqual(["refused"]);
    expect(ada.log).toEqual(["fetch"]);
    expect(bench.subjects).toHaveLength(2);
    expect(told).toEqual([]);
  });

  it("is left behind when the remote refuses the push: it may be the one to blame", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    ada.fates = [fate.refused];
    const riders = { proposals: async () => [propose(by(ada, "bob", take("gpu")))], onAnswers: async () => {} };
    expect(kinds([await perform(ada.ledger, [by(ada, "cy", take("tpu"))], { riders })])).toEqual(["granted"]);
    expect(bench.subjects.slice(1)).toEqual([expect.stringContaining("tpu")]);
  });

  it("may also go by itself, and then takes along what waits", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    let other: Promise<Performed> | null = null;
    let renewal: Promise<unknown> | null = null;
    during(ada, async () => {
      renewal = publishTogether(ada.another(), [propose(by(ada, "cy", take("tpu")))]);
      await settledTurns();
      // One that only waits: which of two wakes first is the system's business.
      other = ask(ada, "bob", take("gpu"), { ...ada.another(), lock: { tryAcquire: async () => null } });
      await settledTurns();
      // Somebody alive has the lock until the push has ended; then it is the renewal's turn.
      expect(ada.machine.jobs.map(({ requests }) => requests?.length ?? "a place")).toEqual(["a place", 1]);
    });
    await ask(ada, "ada", take("build"));
    await Promise.all([other, renewal]);
    expect(pushes(ada)).toBe(2);
    expect(bench.subjects.slice(2).sort()).toEqual([expect.stringContaining("gpu"), expect.stringContaining("tpu")]);
  });
});

describe("a remote that rests", () => {
  it("is what a caller is told who gives up waiting for its turn, with the time", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    ada.machine.tryLock({ alive: true });
    ada.rests = 42;
    const failure = { code: "unreachable", words: "", retryAfter: 42 };
    const signal = AbortSignal.abort();
    const request = by(ada, "bob", take("gpu"));
    expect(await failureOf(perform(ada.another(), [request], { signal }))).toEqual(failure);
    expect(await failureOf(exclusively(ada.another(), async () => "never", signal))).toEqual(failure);
    expect(bench.subjects).toHaveLength(1);
  });

  it("is no reason for others to fail when only whoever leads has lost patience with it", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    const patience = new AbortController();
    let other: Promise<Performed> | null = null;
    let leader: Promise<unknown> | null = null;
    during(ada, async () => {
      other = ask(ada, "bob", take("gpu"), ada.another());
      await settledTurns();
      ada.fates.push(() => {
        patience.abort();
        ada.rests = 42;
        return fate.unsent();
      });
    });
    await ask(ada, "ada", take("build"));
    leader = failureOf(perform(ada.another(), [by(ada, "cy", take("tpu"))], { signal: patience.signal }));
    expect(await leader).toMatchObject({ code: "unreachable", retryAfter: 42 });
    ada.rests = null;
    expect(kinds([await (other as unknown as Promise<Performed>)])).toEqual(["granted"]);
    expect(bench.subjects).toHaveLength(3);
  });
});

describe("what must not meet others", () => {
  it("waits for the lock, and the others for it", async () => {
    const { clones } = await openBench("ada");
    const [ada] = clones;
    const story: string[] = [];
    let other: Promise<unknown> | null = null;
    await exclusively(ada.ledger, async () => {
      other = ask(ada, "bob", take("gpu"), ada.another()).then(() => story.push("bob"));
      await settledTurns();
      story.push("alone");
    });
    await other;
    expect(story).toEqual(["alone", "bob"]);
  });

  it("gives up when the lock is never free, and has changed nothing", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    ada.machine.tryLock({ alive: true });
    expect(await failureOf(exclusively(ada.another(), async () => "never"))).toEqual({ code: "busy" });
    const { lock, ...others } = ada.another();
    const knowing = { ...others, lock: { tryAcquire: () => lock.tryAcquire(), holder: () => 4711 } };
    expect(await failureOf(ask(ada, "bob", take("gpu"), knowing))).toEqual({ code: "busy", pid: 4711 });
    expect(bench.subjects).toHaveLength(1);
    expect(ada.machine.jobs).toEqual([]);
  });
});
