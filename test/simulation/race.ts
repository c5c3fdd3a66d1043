/**
 * Machines that all want something at the same moment, again and again: how many pushes it costs them and how long it
 * takes. The code is the real one, the network slow and without faults; git and the processors take no time, which is what
 * `npm run bench -- manyMachines` measures. Here a seed decides everything, and many can be asked.
 */
import type { Operation } from "../../src/domain/request.ts";
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
  const course = new Course(seed);
  const pushes: number[] = [];
  const work = async (index: number) => {
    const window = course.window(course.machine(`m${index}`), `m${index}`);
    for (let number = 0; number < requests; number += 1) pushes.push(await window.lock(number));
  };
  return course.run(
    pushes,
    Array.from({ length: machines }, (_, index) => work(index)),
  );
}

/** So often a busy window asks at most: whoever has not got in by then never does. */
const MOST = 150;

/**
 * One machine whose windows want one lock after the other, each command a process of its own, and another one
 * that wants a single one: what that costs it.
 * @param isKnown whether that one is on the board already
 */
export async function besideBusy(seed: number, windows: number, isKnown = true): Promise<Race> {
  const course = new Course(seed);
  const pushes: number[] = [];
  const [busy, other] = [course.machine("busy"), course.window(course.machine("other"), "other")];
  let isOver = false;
  const work = async (index: number) => {
    const window = course.window(busy, `w${index}`, { stays: false });
    await course.world.scheduler.wait(2000);
    for (let number = 0; !isOver && number < MOST; number += 1)
      await (number % 2 === 0 ? window.lock(0) : window.unlock());
  };
  const ask = async () => {
    if (isKnown) await other.lock(1);
    // So that the others are at full speed.
    await course.world.scheduler.wait(5000);
    const begin = course.world.scheduler.now;
    pushes.push(await other.lock(0));
    isOver = true;
    return course.world.scheduler.now - begin;
  };
  const asked = ask();
  const race = await course.run(pushes, [...Array.from({ length: windows }, (_, index) => work(index)), asked]);
  return { ...race, took: await asked };
}

class Course {
  readonly world: World;

  constructor(seed: number) {
    this.world = new World(seed, REAL, false, slow(LATENCY));
    foundAtOnce(this.world, LASTING);
  }

  machine(name: string): Machine {
    const machine = new Machine(name, this.world.objects, { start: BEGIN, grain: 1 });
    machine.move(this.world.server.tip as string);
    return machine;
  }

  window(machine: Machine, name: string, { stays } = { stays: true }) {
    const actor = { id: name, session: `s-${name}`, host: machine.name };
    const habits = { name, actor, commands: 0, stays, works: 0, pause: 0, founds: null };
    const client = new Client(this.world, machine, habits, this.world.rng.fork());
    /** @returns how many pushes the machine made meanwhile */
    const ask = async (operation: Operation): Promise<number> => {
      const before = machine.pushes.length;
      const { outcome } = await client.ask([client.request(operation)]);
      if (outcome.kind !== "answers") throw new Error(JSON.stringify(outcome));
      return machine.pushes.length - before;
    };
    return {
      lock: (number: number) => ask({ op: "acquire", resources: [file(`${name}/${number}`)], ttl: null, reason: null }),
      unlock: () => ask({ op: "unlock", resources: null }),
    };
  }

  async run(pushes: readonly number[], all: readonly Promise<unknown>[]): Promise<Race> {
    const ended = Promise.all(all);
    await this.world.scheduler.run();
    await ended;
    return { pushes, took: this.world.scheduler.now };
  }
}
