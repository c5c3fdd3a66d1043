import type { Coordination } from "../app/coordination.ts";
import type { Duration, Instant } from "../domain/instant.ts";

export type Clock = Coordination["ledger"]["clock"];

/** Not sooner than this after the last try (milliseconds). */
const SOONEST: Duration = 1_000;
/** When it is too late already, and only the loss is left to be found out. */
const OVERDUE: Duration = 30_000;

/**
 * Renews what a session holds, a third of the way to the first expiry, for as long as something is held: two
 * more tries fit in before it is too late.
 */
export class Keepalive {
  readonly #clock: Clock;
  readonly #renew: () => Promise<unknown>;
  #expires: Instant | null = null;
  #timer: AbortController | null = null;

  /** @param renew tries once; calls `watch` with what came of it. Must not throw */
  constructor(clock: Clock, renew: () => Promise<unknown>) {
    this.#clock = clock;
    this.#renew = renew;
  }

  /** @param expires the first expiry of what is held now; null when nothing is */
  watch(expires: Instant | null): void {
    if (expires === this.#expires && this.#timer !== null) return;
    this.stop();
    this.#expires = expires;
    if (expires !== null) this.#start(expires);
  }

  stop(): void {
    this.#timer?.abort();
    this.#timer = null;
  }

  #start(expires: Instant): void {
    const timer = new AbortController();
    this.#timer = timer;
    const left = expires - this.#clock.wall();
    const delay = left > 0 ? Math.max(SOONEST, left / 3) : OVERDUE;
    this.#clock.sleep(delay, timer.signal).then(
      async () => {
        await this.#renew();
        // Nobody has said anything new: the renewal failed, and is tried again in what is left.
        if (this.#timer === timer) this.#start(expires);
      },
      () => {},
    );
  }
}
