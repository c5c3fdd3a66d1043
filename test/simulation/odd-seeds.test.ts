import { it, vi } from "vitest";
import { firstFailure, seedsOf } from "./seeds.ts";

vi.mock("../../src/board/index.ts", async (original) => (await import("./codec.ts")).quick(await original()));

const seeds = seedsOf(1);

it.skipIf(seeds.length === 0)(
  `keeps I1 to I8 and I10, and every commit replays, whatever goes wrong (${seeds.length} odd seeds)`,
  { timeout: 1_800_000 },
  async () => {
    const failure = await firstFailure(seeds);
    if (failure !== null) throw new Error(failure);
  },
);
