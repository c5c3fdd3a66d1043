import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Board, EMPTY_BOARD, type Lease } from "../../src/domain/board.ts";
import { contradictions } from "../../src/domain/consistency.ts";
import { findOrchestrator, leaseExpiry } from "../../src/domain/expiry.ts";
import { idKey, taskKey } from "../../src/domain/identifier.ts";
import type { Actor, Operation } from "../../src/domain/request.ts";
import { file, lock, overlaps, type Resource, resourceKey, task } from "../../src/domain/resource.ts";
import { readSettings } from "../../src/domain/settings.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import * as scenes from "./scene.ts";
import { Scene } from "./scene.ts";

/** Three people, one of whom has two windows that use the same id. */
const anyActor = fc.constantFrom(scenes.ana, scenes.bob, scenes.eve, scenes.actor("Ana", "second-window"));
const taskId = fc.constantFrom("T1", "t1", "T002", "T3", "T04", "fix-login");
const lockable = fc.constantFrom(
  lock("build"),
  lock("gpu"),
  lock("GPU"),
  file("src/"),
  file("src/a"),
  file("SRC/b"),
  file("docs"),
);
const resource = fc.oneof(lockable, taskId.map(task));
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { minLength: 1, maxLength: 3 });
const perhaps = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const ttl = perhaps(fc.constantFrom(scenes.MINUTE, scenes.HOUR));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(scenes.join, scenes.leave) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        id: perhaps(taskId),
        after: fc.array(taskId, { maxLength: 1 }),
        priority: fc.integer({ min: 1, max: 3 }),
      })
      .map((wish) => scenes.add("a task", wish)),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(perhaps(taskId), fc.array(lockable, { maxLength: 2 }))
      .map(([id, more]) => scenes.claim(id, { with: more })),
  },
  { weight: 3, arbitrary: taskId.map((id) => scenes.complete(id)) },
  { weight: 1, arbitrary: taskId.map(scenes.release) },
  {
    weight: 4,
    arbitrary: fc.tuple(some(lockable), ttl).map(([wanted, time]) => scenes.acquire(wanted, { ttl: time })),
  },
  { weight: 1, arbitrary: perhaps(some(lockable)).map(scenes.unlock) },
  { weight: 2, arbitrary: ttl.map((time) => scenes.renew([], time)) },
  {
    weight: 1,
    arbitrary: fc.tuple(some(resource), fc.boolean()).map(([which, force]) => scenes.breaking(which, force)),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        ["Completed shown", "1"],
        ["Lock time", "1m"],
        ["Clock trust", "none"],
        ["Clock trust", "synced"],
        ["Clock tolerance", "5m"],
      )
      .map(([name = "", value = ""]) => scenes.set(name, value)),
  },
);

interface Step {
  readonly who: Actor;
  readonly operation: Operation;
  /** Milliseconds since the step before. */
  readonly pause: number;
}

const pause = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 3000 }),
  fc.integer({ min: 1, max: 20 }).map((n) => n * scenes.MINUTE),
);
const history: fc.Arbitrary<readonly Step[]> = fc.array(fc.record({ who: anyActor, operation, pause }), {
  maxLength: 40,
  size: "max",
});

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

interface Moment {
  readonly scene: Scene;
  readonly step: Step;
  readonly before: Board;
  readonly verdict: Verdict;
}

/** Runs histories on boards that nobody may change in place, and looks at the scene after each step. */
function always(name: string, look: () => (moment: Moment) => void): void {
  test(name, () => {
    fc.assert(
      fc.property(history, (steps) => {
        const scene = new Scene(deepFreeze({ ...EMPTY_BOARD, locks: [{ name: "gpu", slots: 2 }] }));
        const check = look();
        for (const step of steps) {
          scene.later(step.pause);
          const before = scene.board;
          const verdict = deepFreeze(scene.ask(step.who, step.operation));
          check({ scene, step, before, verdict });
        }
      }),
      { numRuns: 200 },
    );
  });
}

const leaseKey = (lease: Lease) => `${resourceKey(lease.resource)} ${idKey(lease.holder)}`;
const ids = (board: Board) => board.tasks.map(({ id }) => taskKey(id));

/** Whether the lease belongs to the session that asks, not only to its id. */
function isOwn(board: Board, lease: Lease, who: Actor): boolean {
  return idKey(lease.holder) === idKey(who.id) && findOrchestrator(board, lease.holder)?.session === who.session;
}

describe("after any requests of anybody at any times", () => {
  always("the board does not contradict itself", () => ({ scene }) => {
    expect(contradictions(scene.board, scene.seq)).toEqual([]);
    expect(new Set(ids(scene.board)).size).toBe(scene.board.tasks.length);
  });

  always(
    "the same question has the same answer, and asking changes nothing",
    () =>
      ({ scene, step, before, verdict }) => {
        const again = new Scene(before);
        again.at = scene.at;
        again.seq = verdict.kind === "granted" ? scene.seq - 1 : scene.seq;
        expect(again.decide(step.who, step.operation)).toEqual(verdict);
        if (verdict.kind !== "granted") expect(scene.board).toBe(before);
      },
  );

  always("fences only grow, and a new one is the number of its commit", () => {
    const largest = new Map<string, number>();
    return ({ scene, before }) => {
      const fences = new Map(before.leases.map((lease) => [leaseKey(lease), lease.fence]));
      for (const lease of scene.board.leases) {
        const key = resourceKey(lease.resource);
        if (fences.get(leaseKey(lease)) === lease.fence) continue;
        expect(lease.fence).toBe(scene.seq);
        expect(lease.fence).toBeGreaterThan(largest.get(key) ?? 0);
        largest.set(key, lease.fence ?? 0);
      }
    };
  });

  always(
    "what was granted is already so when asked again at once, with the same fences",
    () =>
      ({ scene, step, verdict }) => {
        const { op } = step.operation;
        const named = op === "acquire" || (op === "claim" && step.operation.task !== null);
        if (!named || verdict.kind !== "granted") return;
        const again = scene.decide(step.who, step.operation);
        expect(again).toMatchObject({ kind: "unchanged" });
        const held = (answer: Verdict) => ("grant" in answer && "leases" in answer.grant ? answer.grant.leases : []);
        expect(held(again).map(({ fence }) => fence)).toEqual(held(verdict).map(({ fence }) => fence));
      },
  );

  always(
    "whoever was granted something holds it, and nobody else holds anything that overlaps",
    () =>
      ({ scene, step, verdict }) => {
        if (verdict.kind !== "granted" || (verdict.grant.op !== "claim" && verdict.grant.op !== "acquire")) return;
        const others = scene.board.leases.filter((lease) => !isOwn(scene.board, lease, step.who));
        for (const { resource, fence } of verdict.grant.leases) {
          const mine = scene.board.leases.find(
            (lease) => lease.fence === fence && resourceKey(lease.resource) === resourceKey(resource),
          );
          expect(mine && isOwn(scene.board, mine, step.who)).toBe(true);
          expect((leaseExpiry(scene.board, mine as Lease) ?? 0) > scene.at).toBe(true);
          const rivals = others.filter((lease) => overlaps(lease.resource, resource));
          expect(rivals.length).toBeLessThan(resourceKey(resource) === "lock:gpu" ? 2 : 1);
        }
      },
  );

  always(
    "no live lease of anybody else goes or changes, except by break --force",
    () =>
      ({ scene, step, before, verdict }) => {
        const settings = readSettings(before);
        const after = new Map(scene.board.leases.map((lease) => [leaseKey(lease), lease]));
        const isForced = (wanted: Resource) =>
          step.operation.op === "break" &&
          step.operation.force &&
          step.operation.resources.some((each) => resourceKey(each) === resourceKey(wanted));
        for (const lease of before.leases.filter((each) => !isOwn(before, each, step.who))) {
          const now = after.get(leaseKey(lease));
          if (now?.fence === lease.fence) {
            expect(now).toEqual(lease);
          } else if (!isForced(lease.resource)) {
            const expires = leaseExpiry(before, lease) ?? Infinity;
            expect(scene.at).toBeGreaterThan(expires + settings.clockTolerance);
            expect(settings.clockTrust).toBe("synced");
            expect(verdict.kind === "granted" && verdict.evidence.length > 0).toBe(true);
          }
        }
      },
  );

  always("evidence names what was over, by a clock past its expiry plus the tolerance", () => ({ before, verdict }) => {
    if (verdict.kind !== "granted") return;
    for (const { kind, expires, clock } of verdict.evidence) {
      expect(kind).toBe("clock");
      expect(clock).toBeGreaterThan((expires ?? Infinity) + readSettings(before).clockTolerance);
    }
  });

  always("no task is lost, and no id is used for a second one", () => {
    const known = new Set<string>();
    return ({ scene, step, before, verdict }) => {
      const isNew = verdict.kind === "granted" && verdict.grant.op === "add" ? taskKey(verdict.grant.task.id) : null;
      if (isNew !== null) {
        expect(known.has(isNew)).toBe(false);
        known.add(isNew);
      }
      const archived = verdict.kind === "granted" ? verdict.archived.map(({ id }) => taskKey(id)) : [];
      const expected = [...ids(before), ...(isNew === null ? [] : [isNew])].filter((id) => !archived.includes(id));
      expect(ids(scene.board).sort()).toEqual(expected.sort());
      if (step.operation.op !== "complete") expect(archived).toEqual([]);
    };
  });
});
