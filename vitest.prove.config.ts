import { defineConfig } from "vitest/config";

/** `npm run prove`: what must be shown, at full size. */
export default defineConfig({
  test: {
    include: ["test/system/**/*.test.ts", "test/simulation/**/*.test.ts"],
    env: { PROVE: "1", SEEDS: "20000" },
    maxWorkers: 2,
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
  },
});
