/**
 * Machines that all want something at the same moment, again and again: how many pushes it costs them and how long it
 * takes. The code is the real one, the network slow and without faults; git and the processors take no time, which is what
 * `npm run bench -- manyMachines` measures. Here a seed decides everything, and many can be asked.
 */
import { file } from "../../src/domain/resource.ts";
import { LASTING } from "./boards.ts";
import { Client } from "./client.ts";
import { slow } from "./faults.ts";
import { Machine } from "./machine.ts";
import { REAL } from "./rules.ts";
import { BEGIN, foundAtOnce } from "./simulate.ts";
import { World } from "./world.ts";

export interface Race {
  /** Of each request, in the order of their ends. */
  readonly pushes: readonly number[];
  /** From the first question to the last answer, in virtual milliseconds. */
  readonly took: number;
}

/** How long a message travels, milliseconds: a push is three of them, a fetch two. */
const LATENCY = [60, 80] as const;

/** Each of so many machines wants so many locks, one after another. */
export async function race(seed: number, machines: number, requests: number): Promise<Race> {
  const world = new World(seed, REAL, false, slow(LATENCY));
  foundAtOnce(world, LASTING);
  const pushes: number[] = [];
  const work = async (index: number) => {
    const name = `m${index}`;
    const machine = new Machine(name, world.objects, { start: BEGIN, grain: 1 });
    machine.move(world.server.tip as string);
    const actor = { id: name, session: `s-${name}`, host: name };
    const habits = { name, actor, commands: 0, stays: true, works: 0, pause: 0, founds: null };
    const client = new Client(world, machine, habits, world.rng.fork());
    for (let number = 0; number < requests; number += 1) {
      const before = machine.pushes.length;
      const wish = { op: "acquire", resources: [file(`${name}/${number}`)], ttl: null, reason: null } as const;
      const { outcome } = await client.ask([client.request(wish)]);
      if (outcome.kind !== "answers") throw new Error(JSON.stringify(outcome));
      pushes.push(machine.pushes.length - before);
    }
  };
  const all = Promise.all(Array.from({ length: machines }, (_, index) => work(index)));
  await world.scheduler.run();
  await all;
  return { pushes, took: world.scheduler.now };
}
