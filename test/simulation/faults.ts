/**
 * What goes wrong in one run, and how often. Swarm testing: every run has some kinds of fault and lacks others,
 * because a fault that is always there hides what only shows without it.
 */
import type { Rng } from "./random.ts";

/** From and to, in virtual milliseconds. */
export type Span = readonly [number, number];

export interface Faults {
  /** How long a message travels: from and to, milliseconds. */
  readonly latency: Span;
  /** Chances for each exchange: */
  readonly unreachable: number;
  readonly lostReply: number;
  /** Cut off, and lands some seconds later. */
  readonly late: number;
  readonly dropped: number;
  /** The winner's ref moves a moment after rivals were refused. */
  readonly slowHook: number;
  /** For each process: dies at some yield point. */
  readonly crash: number;
  /** For each command: its caller loses patience. */
  readonly abort: number;
  /** The remote cannot be reached at all. */
  readonly outages: readonly Span[];
  /** A hook, or a left-over lock file, refuses every push. */
  readonly refusals: readonly Span[];
}

export function drawFaults(rng: Rng): Faults {
  const some = (share: number, most: number) => (rng.chance(share) ? rng.between(0, most) : 0);
  const spans = (share: number, longest: number): Span[] =>
    Array.from({ length: rng.chance(share) ? rng.whole(1, 2) : 0 }, () => {
      const from = rng.between(0, 30_000);
      return [from, from + rng.between(100, longest)];
    });
  return {
    latency: [0, rng.pick([1, 60, 300])],
    unreachable: some(0.4, 0.2),
    lostReply: some(0.6, 0.4),
    late: some(0.6, 0.7),
    dropped: some(0.5, 0.3),
    slowHook: some(0.4, 0.4),
    crash: some(0.6, 0.6),
    abort: some(0.3, 0.4),
    outages: spans(0.3, 6000),
    refusals: spans(0.2, 4000),
  };
}

/** Nothing goes wrong: messages only take their time. */
export const slow = (latency: Span): Faults => ({
  latency,
  unreachable: 0,
  lostReply: 0,
  late: 0,
  dropped: 0,
  slowHook: 0,
  crash: 0,
  abort: 0,
  outages: [],
  refusals: [],
});

export function within(spans: readonly Span[], time: number): boolean {
  return spans.some(([from, to]) => time >= from && time < to);
}
