/** Everything there is in one run. */
import { drawFaults, type Faults } from "./faults.ts";
import { Network } from "./network.ts";
import { Objects } from "./objects.ts";
import { Rng } from "./random.ts";
import type { Call, Work } from "./record.ts";
import type { Rules } from "./rules.ts";
import { Scheduler } from "./scheduler.ts";
import { Server } from "./server.ts";

export class World {
  readonly rng: Rng;
  readonly scheduler = new Scheduler();
  readonly objects = new Objects();
  readonly server = new Server();
  readonly faults: Faults;
  readonly network: Network;
  readonly calls: Call[] = [];
  /** Commands that were run under locks. */
  readonly works: Work[] = [];
  /** What a command under a lock stumbled over. */
  readonly bugs: unknown[] = [];
  /** What happened, for people; null when nobody looks. */
  readonly trace: string[] | null;
  #opIds = 0;

  constructor(
    seed: number,
    readonly rules: Rules,
    traced: boolean,
    faults?: Faults,
  ) {
    this.rng = new Rng(seed);
    this.trace = traced ? [] : null;
    this.faults = faults ?? drawFaults(this.rng.fork());
    const note = (text: () => string) => this.note(text);
    this.network = new Network(this.scheduler, this.server, this.faults, this.rng.fork(), note);
  }

  /** 21 characters, never twice the same in one run. */
  opId(): string {
    this.#opIds += 1;
    return `op${this.#opIds}`.padEnd(21, "-");
  }

  note(text: () => string): void {
    this.trace?.push(`${this.scheduler.now.toFixed(1).padStart(9)} ms  ${text()}`);
  }
}
