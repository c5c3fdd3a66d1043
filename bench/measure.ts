/** Pairs of measurements taken in turn in one run, so that a machine whose speed drifts slows both alike. */
export interface Comparison {
  readonly name: string;
  readonly ours: Summary;
  readonly bare: Summary;
  /** The median of the ratios, pair by pair. */
  readonly ratio: number;
  /** At most this much is allowed; null where only the figure is wanted. */
  readonly limit: number | null;
  /** Git processes that one of ours took, by command. */
  readonly processes: Readonly<Record<string, number>>;
  /** What was measured, when it is not milliseconds. */
  readonly unit?: string;
}

/** Milliseconds. */
export interface Summary {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function summarise(values: readonly number[]): Summary {
  return { least: Math.min(...values), median: median(values), most: Math.max(...values) };
}

export async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / 1e6;
}
