/**
 * A window in which one orchestrator works: it asks, waits for the answer, pauses, asks again. Either each
 * command is a process of its own, or one process serves them all. When a process dies, the next command runs
 * in a new one on the same machine. Several windows may share a machine, and even an orchestrator.
 */
import { ridersOf } from "../../src/app/renewal.ts";
import { run } from "../../src/app/run.ts";
import type { Actor, Request } from "../../src/domain/request.ts";
import { LedgerFailure } from "../../src/ledger/failure.ts";
import { found } from "../../src/ledger/found.ts";
import { exclusively } from "../../src/ledger/group.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import type { Machine } from "./machine.ts";
import { portsOf, type Seat } from "./ports.ts";
import { SimProcess } from "./process.ts";
import type { Rng } from "./random.ts";
import type { Call, Outcome } from "./record.ts";
import { Belief, drawOperation } from "./script.ts";
import { coordinationOf, SimLauncher } from "./work.ts";
import type { World } from "./world.ts";

export interface Habits {
  readonly name: string;
  readonly actor: Actor;
  readonly commands: number;
  /** One process for all commands. */
  readonly stays: boolean;
  /** The longest pause between two commands, milliseconds. */
  readonly pause: number;
  /** How often a command is a `run` under a lock. */
  readonly works: number;
  /** Begins by creating the branch, with this board. */
  readonly founds: string | null;
}

interface Running {
  readonly process: SimProcess;
  readonly ledger: Ledger;
}

export class Client {
  readonly #belief = new Belief();
  #running: Running | null = null;
  #processes = 0;
  /** What the ledger drew during the present call. */
  #drawn: string[] = [];

  constructor(
    private readonly world: World,
    readonly machine: Machine,
    private readonly habits: Habits,
    private readonly rng: Rng,
  ) {
    machine.sessions.set(habits.actor.id, habits.actor.session);
  }

  async work(): Promise<void> {
    const { commands, pause, founds } = this.habits;
    if (founds !== null) await this.found(founds);
    for (let command = 0; command < commands; command += 1) {
      await this.world.scheduler.wait(this.rng.between(0, pause));
      if (this.rng.chance(this.habits.works)) await this.#work();
      else await this.ask(this.#draw());
    }
    this.#running?.process.end();
  }

  /** `run`, with a command of some seconds; the process may be stopped for a while, or die. */
  async #work(): Promise<void> {
    const { world, machine, rng, habits } = this;
    const running = this.#process();
    const { process } = running;
    const launcher = new SimLauncher(world, machine, process, habits.actor.id, rng);
    const signal = this.#patience();
    const coordination = coordinationOf(machine, running.ledger, habits.actor, signal);
    if (rng.chance(0.3)) world.scheduler.at(rng.between(0, 15_000), () => process.pause(rng.between(1000, 40_000)));
    const wish = { locks: [rng.pick(["build", "gpu"])], wait: rng.chance(0.6) ? "30s" : null, command: ["work"] };
    world.note(() => `${process.name} runs a command under ${wish.locks} (wait ${wish.wait})`);
    await new Promise<void>((resolve) => {
      process.onCrash = () => {
        launcher.orphan();
        resolve();
      };
      run(coordination, wish, launcher)
        .then((outcome) =>
          world.note(() => `${process.name}: ${outcome.ok ? outcome.value.kind : outcome.failure.kind}`),
        )
        .catch((error: unknown) => {
          if (!(error instanceof LedgerFailure)) world.bugs.push(error);
        })
        .then(resolve);
    });
    if (!habits.stays) process.end();
  }

  #draw(): readonly Request[] {
    const now = this.machine.wall(this.world.scheduler.now);
    const many = this.rng.chance(0.2) ? this.rng.whole(2, 3) : 1;
    return Array.from({ length: many }, () => this.request(drawOperation(this.rng, this.#belief, now)));
  }

  request(operation: Request["operation"]): Request {
    const { actor } = this.habits;
    const { world, machine } = this;
    const opId = world.rules.opId(world.opId(), actor, operation, machine.wall(world.scheduler.now));
    return { opId, actor, operation };
  }

  async ask(requests: readonly Request[]): Promise<Call> {
    const { rules } = this.world;
    const call = await this.#call(requests, async ({ ledger }, signal) => {
      const { actor } = this.habits;
      const riders = ridersOf(coordinationOf(this.machine, ledger, actor), actor);
      const { answers, settled } = await rules.perform(ledger, requests, { signal, riders });
      return {
        kind: "answers",
        answers: answers.map(({ verdict, written, tip }) => ({ verdict, written, tip: tip.commit })),
        settled,
      };
    });
    if (call.outcome.kind !== "answers") return call;
    for (const { verdict } of call.outcome.answers) {
      if (verdict.kind !== "refused") this.#belief.note(verdict.grant);
      else if (verdict.refusal.kind === "lost") this.#belief.lose(verdict.refusal.resource);
    }
    return call;
  }

  async found(text: string): Promise<Call> {
    return this.#call([], async ({ ledger }, signal) => {
      const founding = await exclusively(ledger, () => found(ledger, text, signal), signal);
      if (founding.kind === "unusable") throw new Error(JSON.stringify(founding.problems));
      return { kind: "founded", how: founding.kind };
    });
  }

  async #call(
    requests: readonly Request[],
    run: (running: Running, signal?: AbortSignal) => Promise<Outcome>,
  ): Promise<Call> {
    const { world, machine } = this;
    const running = this.#process();
    this.#drawn = [];
    const call: Call = {
      machine: machine.name,
      process: running.process.name,
      requests,
      asked: world.scheduler.now,
      tipThen: world.server.tip,
      ended: Infinity,
      stays: this.habits.stays,
      outcome: { kind: "crashed" },
      belief: null,
      drawn: this.#drawn,
    };
    world.calls.push(call);
    world.note(() => `${running.process.name} asks ${requests.map(nameOf).join(" then ") || "to found the branch"}`);
    const signal = this.#patience();
    await new Promise<void>((resolve) => {
      running.process.onCrash = resolve;
      run(running, signal)
        .catch(failure)
        .then((outcome) => {
          call.outcome = outcome;
          call.belief = running.ledger.memory.tip?.commit ?? null;
          resolve();
        });
    });
    call.ended = world.scheduler.now;
    world.note(() => `${running.process.name} ${describe(call.outcome)}`);
    if (!this.habits.stays) running.process.end();
    return call;
  }

  #process(): Running {
    if (this.#running?.process.alive) return this.#running;
    const { world, machine, rng } = this;
    const name = `${machine.name}/${this.habits.name}.${++this.#processes}`;
    const lifetime = !world.network.calm && rng.chance(world.faults.crash) ? rng.whole(0, 30) : Infinity;
    const process = new SimProcess(name, world.scheduler, rng, lifetime);
    const { network, scheduler } = world;
    const seat: Seat = { process, machine, network, scheduler, rng, note: (text) => world.note(text) };
    const parts = portsOf(seat, () => {
      const opId = world.opId();
      this.#drawn.push(opId);
      return opId;
    });
    this.#running = { process, ledger: openLedger(world.rules.ports(parts, seat)) };
    return this.#running;
  }

  #patience(): AbortSignal | undefined {
    const { world, rng } = this;
    if (world.network.calm || !rng.chance(world.faults.abort)) return undefined;
    const controller = new AbortController();
    world.scheduler.at(rng.between(0, 3000), () => controller.abort(new Error("out of patience")));
    return controller.signal;
  }
}

function failure(error: unknown): Outcome {
  return error instanceof LedgerFailure ? { kind: "failed", code: error.code } : { kind: "bug", error };
}

const nameOf = ({ opId, actor, operation }: Request): string => {
  const { op, ...fields } = operation;
  return `${op} (${opId.replace(/-+$/, "")} by ${actor.id}) ${JSON.stringify(fields)}`;
};

function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case "answers": {
      const settled = outcome.settled.map(
        ({ record, outcome: end }) => `; settled ${record.opId.replace(/-+$/, "")}: ${end}`,
      );
      const answers = outcome.answers.map(({ verdict, written }) =>
        verdict.kind === "refused" ? `refused (${verdict.refusal.kind})` : written ? "granted" : "unchanged",
      );
      return `is told: ${answers.join(", ")}${settled.join("")}`;
    }
    case "founded":
      return `is told: ${outcome.how}`;
    case "failed":
      return `is told: ${outcome.code}`;
    case "crashed":
      return "dies";
    case "bug":
      return `stumbles: ${outcome.error}`;
  }
}
