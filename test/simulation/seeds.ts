/**
 * Which seeds are run, and what is said about one that fails.
 *   SEEDS=20000 npx vitest run test/simulation    that many (1,000 when not set)
 *   SEED=123 npx vitest run simulation/odd-seeds  only this one, with all that happened
 */
import { simulate } from "./simulate.ts";

/** Two test files share the seeds, so that two cores do. */
export const SHARES = 2;

const only = process.env.SEED === undefined ? null : Number(process.env.SEED);
const count = Number(process.env.SEEDS ?? 1000);

export function seedsOf(share: number): readonly number[] {
  const seeds = only === null ? Array.from({ length: count }, (_, index) => index + 1) : [only];
  return seeds.filter((seed) => seed % SHARES === share);
}

/** The end of the story is where it went wrong. */
const LAST = only === null ? 60 : Infinity;

/** Runs the seeds. Returns what is wrong with the first one that fails, in words, or null. */
export async function firstFailure(seeds: readonly number[]): Promise<string | null> {
  for (const [index, seed] of seeds.entries()) {
    // Vitest wants to hear from its worker now and then.
    if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    const { violations } = await simulate(seed);
    if (only !== null && violations.length === 0) console.log(await tell(seed));
    if (violations.length > 0) return tell(seed);
  }
  return null;
}

/** Runs the seed again, this time writing everything down. */
async function tell(seed: number): Promise<string> {
  const { violations, trace } = await simulate(seed, undefined, true);
  return [
    violations.length > 0 ? `Seed ${seed} breaks:` : `Seed ${seed} keeps everything.`,
    ...violations.map(({ invariant, what }) => `  ${invariant}: ${what}`),
    "What happened:",
    ...trace.slice(-LAST).map((line) => `  ${line}`),
    `Run it again: SEED=${seed} npx vitest run simulation/${seed % SHARES === 0 ? "even" : "odd"}-seeds`,
  ].join("\n");
}
