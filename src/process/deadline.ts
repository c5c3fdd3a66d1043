/** A moment by the wall clock and by the monotonic clock of this boot, which all its processes share; the first counts. */
export interface Deadline {
  readonly wall: number;
  readonly monotonic: number;
}

export const hasPassed = (deadline: Deadline, now: Deadline): boolean =>
  now.wall >= deadline.wall || now.monotonic >= deadline.monotonic;

/** As `systemClock.monotonic`. */
export const readMonotonic = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** How long a command that is asked to end may take before it is killed: milliseconds. */
export const POLITE = 2000;
