/** `npm run prove` runs the same tests at full size; `npm test` runs enough of them to notice. */
export const PROVE = process.env.PROVE === "1";

export function scale<T>(test: T, prove: T): T {
  return PROVE ? prove : test;
}

/** Milliseconds for a test of that many rounds of sixteen processes, on a slow machine with other work to do. */
export const allow = (rounds: number): number => 60_000 + rounds * 30_000;
