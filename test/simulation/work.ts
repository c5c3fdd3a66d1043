/**
 * `run` in the simulation: the use case of src/app with this world's ports, a command that only takes time, and
 * the warden, who is a process of his own: he goes on when the run is stopped or dead. It does not model a
 * command that ignores SIGKILL, nor the death of the warden.
 */
import type { Coordination } from "../../src/app/coordination.ts";
import type { CommandEnd, Launcher, Limit, RunningCommand } from "../../src/app/run.ts";
import { hasCome, type Moment } from "../../src/app/term.ts";
import type { Actor } from "../../src/domain/request.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Machine } from "./machine.ts";
import type { SimProcess } from "./process.ts";
import type { Rng } from "./random.ts";
import type { Work } from "./record.ts";
import type { World } from "./world.ts";

export function coordinationOf(machine: Machine, ledger: Ledger, actor: Actor, signal?: AbortSignal): Coordination {
  const own = async (id: string) => (id === actor.id ? actor.session : null);
  return {
    ledger,
    sessions: { get: own, obtain: async () => actor.session, create: async () => null, forget: async () => {} },
    holdings: {
      load: async (id) => machine.held.get(id) ?? [],
      save: async (id, held) => void machine.held.set(id, held),
    },
    pulses: {
      put: async (process, pulse) => void machine.pulses.set(process, pulse),
      remove: async (process) => void machine.pulses.delete(process),
      list: async () => [...machine.pulses.values()],
    },
    pushLog: { since: async (time) => machine.pushes.filter((at) => at > time).length },
    openChain: () => {
      throw new Error("nobody reads the history here");
    },
    verified: {} as Coordination["verified"],
    code: {} as Coordination["code"],
    hooks: {} as Coordination["hooks"],
    identity: actor.id,
    host: actor.host,
    person: { name: "A Person", email: "person@example.invalid" },
    remoteName: "origin",
    branch: "coordination",
    signal,
    setup: {} as Coordination["setup"],
  };
}

/** What a command may take until it has ended after it was asked to, and after how long it is killed instead. */
const SLOW = 3000;
const POLITE = 2000;

export class SimLauncher implements Launcher {
  #child: SimCommand | null = null;

  constructor(
    private readonly world: World,
    private readonly machine: Machine,
    private readonly process: SimProcess,
    private readonly holder: string,
    private readonly rng: Rng,
  ) {}

  async start(
    _command: readonly string[],
    environment: Readonly<Record<string, string>>,
    limit: Limit,
  ): Promise<RunningCommand | { readonly kind: "too_late" }> {
    const { world, machine, process, rng } = this;
    await process.step(rng.between(0, 100), () => {});
    const now = { wall: machine.wall(world.scheduler.now), monotonic: world.scheduler.now };
    if (world.rules.warden && hasCome(limit.end, now)) return { kind: "too_late" };
    const work: Work = {
      process: process.name,
      machine: machine.name,
      holder: this.holder,
      resources: (environment.COORD_RESOURCES ?? "").split("\n"),
      fence: Number(environment.COORD_FENCE),
      started: world.scheduler.now,
      ended: Infinity,
    };
    world.works.push(work);
    this.#child = new SimCommand(world, machine, process, work, rng);
    this.#child.limit(limit);
    return this.#child;
  }

  async close(): Promise<void> {}

  /** The run has died: its pipe closes, and the warden ends the command. */
  orphan(): void {
    this.#child?.ask();
  }
}

class SimCommand implements RunningCommand {
  readonly kind = "running";
  readonly ended: Promise<CommandEnd>;
  #end: () => void = () => {};
  #isAsked = false;
  #limits = 0;

  constructor(
    private readonly world: World,
    private readonly machine: Machine,
    private readonly process: SimProcess,
    work: Work,
    private readonly rng: Rng,
  ) {
    this.ended = new Promise((resolve) => {
      this.#end = () => {
        if (work.ended !== Infinity) return;
        work.ended = world.scheduler.now;
        world.note(() => `the command of ${work.process} (fence ${work.fence}) has ended`);
        // Its parent hears of that when it comes to it.
        process.step(0, () => {}).then(() => resolve({ code: 0, signal: null }));
      };
    });
    world.scheduler.at(rng.between(0, 40_000), this.#end);
  }

  limit({ end, kill }: Limit): void {
    if (!this.world.rules.warden) return;
    this.#limits += 1;
    const limit = this.#limits;
    const act = (what: () => void) => () => {
      if (limit === this.#limits) what();
    };
    this.world.scheduler.at(
      this.#until(end),
      act(() => this.ask()),
    );
    this.world.scheduler.at(this.#until(kill), act(this.#end));
  }

  /** How long until one of the machine's clocks has come to a moment. */
  #until({ wall, monotonic }: Moment): number {
    const { clock } = this.machine;
    const first = Math.min(wall - clock.start, monotonic);
    return Number.isFinite(first) ? Math.max(0, first - this.world.scheduler.now) : 1e9;
  }

  /** SIGTERM, and SIGKILL a little later. */
  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.world.scheduler.at(Math.min(POLITE, this.rng.between(0, SLOW)), this.#end);
  }

  async stop(): Promise<void> {
    await this.process.step(0, () => this.ask());
    await this.ended;
  }

  async settled(): Promise<void> {}
}
