/** What dead processes left in doubt, and what this process reported as unknown (DESIGN 6). */
import { describe, expect, it } from "vitest";
import { lock } from "../../src/domain/resource.ts";
import { settle } from "../../src/ledger/settle.ts";
import { type Clone, failureOf, type fate, openBench } from "./bench.ts";

const LOCK = { op: "acquire", resources: [lock("build")], ttl: null, reason: null } as const;
const JOIN = { op: "join" } as const;

/** Never answers: the process dies while it waits. */
const dies = () => new Promise<never>(() => {});

/** The process of this clone is killed right after its push was sent. Returns what lets the push arrive. */
async function killDuringPush(clone: Clone): Promise<() => boolean> {
  const arrival = await new Promise<{ land: () => boolean }>((resolve) => {
    clone.fates = [
      (sent) => {
        resolve(sent);
        return dies();
      },
    ];
    void clone.ask(LOCK);
  });
  clone.restart();
  clone.log.length = 0;
  return arrival.land;
}

describe("the push of a process that died", () => {
  it("that landed is told as landed, with the subject of its commit", async () => {
    const { clones } = await openBench("ada");
    const land = await killDuringPush(clones[0]);
    land();
    const settled = await settle(clones[0].ledger, "write");
    expect(settled).toMatchObject([
      { outcome: "landed", record: { subject: expect.stringMatching(/^lock build: ada/) } },
    ]);
    expect(clones[0].log).toEqual(["fetch"]);
    expect(clones[0].machine.pending.size).toBe(0);
  });

  it("that has not landed yet cannot land any more after it was told as never landed", async () => {
    const { bench, clones } = await openBench("ada");
    const land = await killDuringPush(clones[0]);
    expect(await settle(clones[0].ledger, "write")).toMatchObject([{ outcome: "never_landed" }]);
    expect(land()).toBe(false);
    expect(bench.subjects).toHaveLength(2);
  });

  it("is closed by a barrier, which names no holder, changes no board and stands in the chain like any commit", async () => {
    const { bench, clones } = await openBench("ada");
    await killDuringPush(clones[0]);
    const before = bench.text();
    await settle(clones[0].ledger, "write");
    expect(bench.text()).toBe(before);
    expect(bench.messages[1]).toMatch(/^barrier: .*\n\nCoord-Op: barrier\nCoord-Actor: git-coord\n/);
    expect(bench.messages[1]).toMatch(/\nCoord-Seq: 2\n/);
  });

  it("needs no barrier when somebody has moved the tip", async () => {
    const { clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await killDuringPush(ada);
    await bob.ask(LOCK);
    expect(await settle(ada.ledger, "write")).toMatchObject([{ outcome: "never_landed" }]);
    expect(ada.log).toEqual(["fetch"]);
  });

  it("stays open for a command that only reads, which writes nothing", async () => {
    const { bench, clones } = await openBench("ada");
    const land = await killDuringPush(clones[0]);
    expect(await settle(clones[0].ledger, "look")).toMatchObject([{ outcome: "open" }]);
    expect(bench.subjects).toHaveLength(1);
    expect(clones[0].machine.pending.size).toBe(1);
    land();
    expect(await settle(clones[0].ledger, "look")).toMatchObject([{ outcome: "landed" }]);
  });

  it("stays open, with a word for readers and an error for writers, while the remote cannot be asked", async () => {
    const { clones } = await openBench("ada");
    const [ada] = clones;
    await killDuringPush(ada);
    ada.isDown = true;
    expect(await settle(ada.ledger, "look")).toMatchObject([{ outcome: "open" }]);
    expect((await failureOf(settle(ada.ledger, "write"))).code).toBe("unreachable");
    expect(ada.machine.pending.size).toBe(1);
  });

  it("is found by whoever uses the clone next, even when the barrier's reply is lost", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    const land = await killDuringPush(ada);
    ada.fates = [
      (arrival) => {
        arrival.land();
        return { kind: "unknown", words: "" } satisfies ReturnType<typeof fate.dropped>;
      },
    ];
    expect(await settle(ada.ledger, "write")).toMatchObject([{ outcome: "never_landed" }]);
    expect(land()).toBe(false);
    expect(bench.subjects).toHaveLength(2);
  });
});

it("the push of a process that lives is that process's business", async () => {
  const { clones } = await openBench("ada");
  const [ada] = clones;
  await new Promise<void>((resolve) => {
    ada.fates = [
      () => {
        resolve();
        return dies();
      },
    ];
    void ada.ask(LOCK);
  });
  ada.log.length = 0;
  expect(await settle(ada.another(), "write")).toEqual([]);
  expect(ada.log).toEqual([]);
  expect(ada.machine.pending.size).toBe(1);
});

it("every request of a chain has its own record, and all are settled", async () => {
  const { clones } = await openBench("ada");
  const [ada] = clones;
  await new Promise<void>((resolve) => {
    ada.fates = [
      ({ land }) => {
        land();
        resolve();
        return dies();
      },
    ];
    void ada.ask(LOCK, { op: "claim", task: null, area: null, with: [] });
  });
  ada.restart();
  const settled = await settle(ada.ledger, "write");
  expect(settled.map(({ outcome }) => outcome)).toEqual(["landed", "landed"]);
  expect(new Set(settled.map(({ record }) => record.commit)).size).toBe(2);
});

it("what was settled is told by the command that did it", async () => {
  const { clones } = await openBench("ada");
  const land = await killDuringPush(clones[0]);
  land();
  const { settled, answers } = await clones[0].ask(JOIN);
  expect(settled).toMatchObject([{ outcome: "landed" }]);
  expect(answers[0]?.answer.kind).toBe("unchanged");
});
