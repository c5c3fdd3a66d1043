/**
 * One process of the operating system. Each call to the outside is a yield point: it happens at a later virtual
 * time, and there the process may die, before or after the effect. A dead process never goes on; what it sent
 * is still under way. Its memory is lost, its machine is not.
 */
import type { Rng } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

export class SimProcess {
  alive = true;
  #stillUntil = 0;
  /** Called once, when it dies of a crash. */
  onCrash: () => void = () => {};

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
    private readonly rng: Rng,
    /** How many yield points it will live to see. */
    private lifetime: number,
  ) {}

  /** A call whose effect happens, and whose answer is there, after the delay. */
  step<T>(delay: number, effect: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#resume(delay, effect, resolve, reject);
    });
  }

  /** A call that is answered from outside, later or never; only the first answer counts. */
  exchange<T>(delay: number, send: (answer: (delay: number, value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = (later: number, value: T) => this.#resume(later, () => value, resolve, reject);
      this.#resume(delay, () => send(answer), null, reject);
    });
  }

  /** It stands still, as after SIGSTOP: what comes meanwhile is heard afterwards. */
  pause(duration: number): void {
    this.#stillUntil = this.scheduler.now + duration;
  }

  #resume<T>(
    delay: number,
    effect: () => T,
    resolve: ((value: T) => void) | null,
    reject: (error: unknown) => void,
  ): void {
    this.scheduler.at(delay, () => {
      if (!this.alive) return;
      const still = this.#stillUntil - this.scheduler.now;
      if (still > 0) return this.#resume(still, effect, resolve, reject);
      if (--this.lifetime < 0) {
        if (this.rng.chance(0.5)) effect();
        this.end();
        this.onCrash();
        return;
      }
      try {
        const value = effect();
        resolve?.(value);
      } catch (error) {
        reject(error);
      }
    });
  }

  end(): void {
    this.alive = false;
  }
}
