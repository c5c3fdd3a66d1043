import type { Duration } from "../domain/instant.ts";
import type { Clock, Random } from "./ports.ts";

/** Exponential, full jitter, bounded. Times in milliseconds, or in a unit that is known when the pause begins. */
export interface Backoff {
  readonly attempts: number;
  readonly first: Duration;
  readonly most: Duration;
}

interface Pacing {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Yields once per attempt a function that pauses before the next one: a uniformly random part of a bound that
 * doubles ("full jitter", AWS Architecture Blog 2015), so that losers do not meet again. The function
 * resolves to false, without waiting, when there is no next attempt or the signal is aborted.
 */
export function* backoff(
  { clock, random }: Pacing,
  { attempts, first, most }: Backoff,
  signal?: AbortSignal,
): Generator<(unit?: Duration) => Promise<boolean>> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const bound = Math.min(most, first * 2 ** attempt);
    yield async (unit = 1) => {
      if (attempt + 1 === attempts || signal?.aborted) return false;
      return clock.sleep(random.uniform() * bound * unit, signal).then(
        () => true,
        () => false,
      );
    };
  }
}
