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

/** How many pairs are taken, after some that are not counted. */
export interface Pairs {
  readonly pairs: number;
  readonly warmUp: number;
}

/** Takes two measurements in turn. Both give milliseconds. */
export async function inTurn(
  { name, limit }: Pick<Comparison, "name" | "limit">,
  { pairs, warmUp }: Pairs,
  ours: () => Promise<number>,
  bare: () => Promise<number>,
): Promise<Comparison> {
  const times: { own: number; other: number }[] = [];
  for (let pair = 0; pair < pairs + warmUp; pair += 1) {
    const other = await bare();
    const own = await ours();
    if (pair >= warmUp) times.push({ own, other });
  }
  return {
    ...{ name, limit, processes: {} },
    ours: summarise(times.map(({ own }) => own)),
    bare: summarise(times.map(({ other }) => other)),
    ratio: median(times.map(({ own, other }) => own / other)),
  };
}
