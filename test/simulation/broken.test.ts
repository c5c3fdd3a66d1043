import { describe, expect, it, vi } from "vitest";
import * as broken from "./broken.ts";
import { carelessTransact } from "./careless.ts";
import type { Violation } from "./record.ts";
import { alone, REAL, type Rules } from "./rules.ts";
import { simulate } from "./simulate.ts";

vi.mock("../../src/board/index.ts", async (original) => (await import("./codec.ts")).quick(await original()));

/** As many as `npm test` runs with the real protocol, which has to keep every invariant on them. */
const SEEDS = 2000;

interface Mistake {
  readonly name: string;
  readonly rules: Rules;
  readonly invariant: Violation["invariant"];
  /** What the checker says: that it is this invariant for this reason. */
  readonly says: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    name: "a push that does not compare before it swaps",
    rules: broken.pushWithoutCompare,
    invariant: "I2",
    says: /told granted for op\d+.*: in the chain 0 times/,
  },
  {
    name: "a lost reply that is reported as a failure",
    rules: broken.unknownIsFailure,
    invariant: "I3",
    says: /told unreachable for op\d+.*, which is in the chain/,
  },
  {
    name: "a lost reply after which the request is decided anew",
    rules: broken.unknownIsLostRace,
    invariant: "I2",
    says: /told granted for op\d+.*: in the chain 2 times/,
  },
  {
    name: "a refusal on the tip seen last, without a fetch",
    rules: broken.refusesOnStaleTip,
    invariant: "I5",
    says: /was decided on seq \d+, though the branch was at \d+/,
  },
  {
    name: "an op id without randomness, so that two processes make the same bytes",
    rules: broken.opIdWithoutChance,
    invariant: "I2",
    says: /share one commit/,
  },
  {
    name: "a push without a record of it, so that nobody settles it after a crash",
    rules: broken.noRecordBeforePush,
    invariant: "I10",
    says: /landed after .* had been answered/,
  },
  {
    name: "settling by looking, without a barrier",
    rules: broken.settlesByLooking,
    invariant: "I3",
    says: /as never landed, but it is in the chain/,
  },
  {
    name: "a fence that was drawn before a lost race",
    rules: broken.keepsFenceAfterLostRace,
    invariant: "I4",
    says: /was granted at seq/,
  },
  {
    name: "a loser's rows merged into the winner's board",
    rules: broken.mergesText,
    invariant: "replay",
    says: /different|refused/,
  },
  {
    name: "a client that follows a branch which was moved back",
    rules: broken.followsRewrittenBranch,
    invariant: "I8",
    says: /went from/,
  },
  {
    name: "a takeover by a clock without the tolerance",
    rules: broken.takesTooEarly,
    invariant: "I6",
    says: /by clock: [\d.]+ ms too early/,
  },
  {
    name: "a run whose command outlives its lease, because nobody ends it while the run is stopped or dead",
    rules: broken.runsWithoutWarden,
    invariant: "I7",
    says: /after its lease was over|but it was taken at/,
  },
];

/** The first seed on which the mistake shows as what it is. */
async function findSeed({ rules, invariant, says }: Mistake): Promise<number | null> {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violations } = await simulate(seed, rules);
    if (violations.some((each) => each.invariant === invariant && says.test(each.what))) return seed;
  }
  return null;
}

describe("the simulation finds", { timeout: 600_000 }, () => {
  it.each(MISTAKES)("$name ($invariant)", async (mistake) => {
    const seed = await findSeed(mistake);
    expect(seed, `not found in ${SEEDS} seeds`).not.toBeNull();
    const { violations } = await simulate(seed as number);
    expect(violations, `seed ${seed} with the real rules`).toEqual([]);
  });

  it("nothing when the copy of the retry loop has no shortcut", async () => {
    const rules: Rules = { ...REAL, perform: alone({ transact: carelessTransact({}) }) };
    for (let seed = 1; seed <= 100; seed += 1) expect((await simulate(seed, rules)).violations).toEqual([]);
  });
});
