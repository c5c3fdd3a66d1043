/** What racing costs, counted in virtual time: bounds of transact.ts, turns of turn.ts (ADR 19). */
import { describe, expect, it, vi } from "vitest";
import { besideBusy, type Race, race } from "./race.ts";

vi.mock("../../src/board/index.ts", async (original) => (await import("./codec.ts")).quick(await original()));

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;
const unluckiest = ({ pushes }: Race): number => Math.max(...pushes);
const each = ({ took, pushes }: Race): number => took / pushes.length;

async function races(seeds: number, machines: number, requests: number): Promise<readonly Race[]> {
  const all: Race[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) all.push(await race(seed, machines, requests));
  return all;
}

describe("machines that race", () => {
  it("cost one push for each request when there is one", async () => {
    for (const { pushes } of await races(5, 1, 12)) expect(pushes).toEqual(Array(12).fill(1));
  });

  it("answer all requests of sixteen, the unluckiest within about ten pushes", async () => {
    const all = await races(10, 16, 3);
    expect(median(all.map(unluckiest))).toBeLessThanOrEqual(9);
    expect(Math.max(...all.map(unluckiest))).toBeLessThanOrEqual(13);
  });

  it("take about half as long again for each request as one alone, sixteen of them", async () => {
    const alone = median((await races(5, 1, 12)).map(each));
    expect(median((await races(10, 16, 3)).map(each))).toBeLessThan(1.6 * alone);
    expect(median((await races(2, 16, 10)).map(each))).toBeLessThan(1.6 * alone);
  });

  it("let each other in, however much one has to do", async () => {
    const all = await races(2, 4, 60);
    expect(Math.max(...all.map(unluckiest))).toBeLessThanOrEqual(20);
  });

  it("all get there when sixty-four ask in the same moment", async () => {
    const [all] = (await races(1, 64, 1)) as [Race];
    expect(all.pushes).toHaveLength(64);
    expect(unluckiest(all)).toBeLessThanOrEqual(20);
  });

  it.each([1, 3, 6])(
    "get in beside one whose %i windows never pause, each command a process of its own",
    async (windows) => {
      const all: Race[] = [];
      for (let seed = 1; seed <= 4; seed += 1) all.push(await besideBusy(seed, windows));
      // A dozen pushes of the busy one, and not only when it has done all that it wants.
      expect(median(all.map(({ took }) => took))).toBeLessThan(8000);
      expect(Math.max(...all.map(unluckiest))).toBeLessThanOrEqual(12);
    },
  );

  it("get in also when they are new on the board, where one that seems to be alone seldom steps aside", async () => {
    const all: Race[] = [];
    for (let seed = 1; seed <= 4; seed += 1) all.push(await besideBusy(seed, 3, false));
    expect(median(all.map(({ took }) => took))).toBeLessThan(12_000);
    expect(Math.max(...all.map(unluckiest))).toBeLessThanOrEqual(12);
  });
});
