import { defineConfig } from "vitest/config";

/** Puts another module in the place of one of ours, so each of its files needs modules of its own. */
const SIMULATION = "test/simulation/**/*.test.ts";

export default defineConfig({
  test: {
    // Two cores: real processes of one file already use both.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: "simulation", include: [SIMULATION] } },
      {
        extends: true,
        // Loading the modules anew for each of more than a hundred files took longer than most of their tests.
        test: { name: "tests", include: ["test/**/*.test.ts"], exclude: [SIMULATION], isolate: false },
      },
    ],
  },
});
