/** What the runs are worth: they repeat exactly, and everything that can go wrong does go wrong in them. */
import { expect, it, vi } from "vitest";
import { readEntry } from "../../src/ledger/entry.ts";
import { type Run, simulate } from "./simulate.ts";

vi.mock("../../src/board/index.ts", async (original) => (await import("./codec.ts")).quick(await original()));

it("a seed decides everything that happens", async () => {
  for (const seed of [1, 2, 3]) {
    const [one, other] = [await simulate(seed, undefined, true), await simulate(seed, undefined, true)];
    expect(other.trace).toEqual(one.trace);
    expect(other.tip).toBe(one.tip);
    expect(one.trace.length).toBeGreaterThan(10);
  }
});

it("different seeds tell different stories", async () => {
  const stories = new Set<string>();
  for (let seed = 1; seed <= 20; seed += 1) stories.add((await simulate(seed, undefined, true)).trace.join("\n"));
  expect(stories.size).toBe(20);
});

const COMMITS = ["init", "barrier", "join", "leave", "add", "claim", "complete", "release"]
  .concat("acquire", "wait", "withdraw", "unlock", "renew", "break", "set")
  .map((op) => `commit: ${op}`)
  .concat("commit: manual");
const FAILURES = ["unreachable", "remote_refused", "contention", "abandoned", "unknown", "no_branch", "rewritten"];
const ANSWERS = ["granted", "unchanged", "held", "lost", "identity_taken", "crashed", "created", "attached"];
const ENDS = ["settled: landed", "settled: never_landed", "evidence: clock", "evidence: observed"];

it("the runs meet every outcome, every way of settling and every kind of commit", { timeout: 600_000 }, async () => {
  const missing = new Set([...COMMITS, ...FAILURES, ...ANSWERS, ...ENDS]);
  for (let seed = 1; seed <= 3000 && missing.size > 0; seed += 1) {
    for (const met of whatHappened(await simulate(seed))) missing.delete(met);
  }
  expect([...missing]).toEqual([]);
});

function whatHappened({ calls, messages }: Run): readonly string[] {
  const commits = messages.map(readEntry).flatMap((reading) => {
    if (reading.kind !== "entry") return [`commit: ${reading.kind}`];
    return [`commit: ${reading.entry.op}`, ...reading.entry.evidence.map(({ kind }) => `evidence: ${kind}`)];
  });
  const outcomes = calls.flatMap(({ outcome }) => {
    if (outcome.kind === "failed") return [outcome.code];
    if (outcome.kind === "founded") return [outcome.how];
    if (outcome.kind !== "answers") return [outcome.kind];
    const answers = outcome.answers.map(({ verdict }) =>
      verdict.kind === "refused" ? verdict.refusal.kind : verdict.kind,
    );
    return [...answers, ...outcome.settled.map(({ outcome: end }) => `settled: ${end}`)];
  });
  return [...commits, ...outcomes];
}
