/**
 * What the orchestrators want: a random walk over everything that can be asked, on a board so small that they
 * are always in each other's way. It models no sensible work.
 */
import type { Holding, Operation } from "../../src/domain/request.ts";
import { file, formatResource, lock, type Resource, task } from "../../src/domain/resource.ts";
import type { Grant } from "../../src/domain/verdict.ts";
import type { Rng } from "./random.ts";

const LOCKS = ["build", "gpu"].map(lock);
/** Nested, and in two spellings of one folder. */
const FILES = ["src/", "src/a.ts", "SRC/b.ts", "docs/x.md"].map(file);
const TASKS = ["T001", "T002", "T003", "t4"];

const WEIGHTS: Readonly<Record<Operation["op"] | "next", number>> = {
  join: 1,
  leave: 0.6,
  add: 1,
  next: 3,
  claim: 2,
  complete: 2,
  release: 1,
  acquire: 6,
  wait: 3,
  withdraw: 0.5,
  unlock: 2,
  renew: 2,
  break: 1,
  set: 0.3,
};

/** What somebody believes to hold, from the answers so far. */
export class Belief {
  readonly #held = new Map<string, Holding>();

  note(grant: Grant): void {
    if ("leases" in grant) {
      for (const { resource, fence } of grant.leases) this.#held.set(formatResource(resource), { resource, fence });
    }
    for (const resource of "released" in grant ? grant.released : []) this.#held.delete(formatResource(resource));
  }

  lose(resource: Resource): void {
    this.#held.delete(formatResource(resource));
  }

  get held(): readonly Holding[] {
    return [...this.#held.values()];
  }
}

/** @param now the orchestrator's clock */
export function drawOperation(rng: Rng, belief: Belief, now: number): Operation {
  const some = (): readonly Resource[] => {
    const first = rng.pick([...LOCKS, ...FILES]);
    const second = rng.pick(FILES);
    return rng.chance(0.3) && first !== second ? [first, second] : [first];
  };
  const ownTask = belief.held.find(({ resource }) => resource.kind === "task")?.resource.name;
  const taskId = ownTask !== undefined && rng.chance(0.8) ? ownTask : rng.pick(TASKS);
  const op = rng.weighted(WEIGHTS);
  switch (op) {
    case "join":
    case "leave":
      return { op };
    case "add":
      return {
        op,
        title: `more work ${rng.whole(1, 3)}`,
        priority: 2,
        area: null,
        after: [],
        id: rng.chance(0.3) ? "T009" : null,
      };
    case "next":
      return { op: "claim", task: null, area: null, with: rng.chance(0.3) ? [rng.pick(FILES)] : [] };
    case "claim":
      return { op, task: rng.pick(TASKS), area: null, with: rng.chance(0.3) ? [rng.pick(FILES)] : [] };
    case "complete":
    case "release":
      return { op, task: taskId, note: null };
    case "acquire":
      return { op, resources: some(), ttl: null, reason: null };
    case "wait":
      return { op, resources: some(), until: now + rng.pick([4000, 30_000]) };
    case "withdraw":
      return { op, resources: some() };
    case "unlock":
      return {
        op,
        resources: rng.chance(0.5)
          ? null
          : [belief.held[0]?.resource ?? rng.pick(LOCKS)].filter((it) => it.kind !== "task"),
      };
    case "renew":
      return { op, ttl: null, expected: rng.chance(0.7) ? belief.held : [] };
    case "break":
      return {
        op,
        resources: [rng.chance(0.3) ? task(rng.pick(TASKS)) : rng.pick([...LOCKS, ...FILES])],
        force: rng.chance(0.5),
        reason: "it hangs",
      };
    case "set":
      return { op, name: "Completed shown", value: rng.pick(["1", "2", "20"]) };
  }
}
