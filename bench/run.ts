/** `npm run bench`: ratios in one run, written to bench/results/ with what they were measured on. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { claimAndPush } from "./claim-and-push.ts";
import { coldClaim } from "./cold-claim.ts";
import { longHistories, preCommitHook } from "./history.ts";
import { largeBoard } from "./large-board.ts";
import { longBranch } from "./long-branch.ts";
import { manyMachines, oneClone } from "./many-writers.ts";
import type { Comparison } from "./measure.ts";
import { peers } from "./peers.ts";
import { sshSharing } from "./ssh-sharing.ts";

const round = (value: number): number => Math.round(value * 100) / 100;

function show({ name, ours, bare, ratio, limit, processes, unit = "ms" }: Comparison): string {
  const bound = limit === null ? "" : `  (at most ${round(limit)})`;
  const counts = Object.entries(processes).map(([command, count]) => `${count} ${command}`);
  return [
    name,
    `  ratio   ${round(ratio)}${bound}`,
    `  ours    ${round(ours.median)} ${unit}  (${round(ours.least)} to ${round(ours.most)})`,
    `  bare    ${round(bare.median)} ${unit}  (${round(bare.least)} to ${round(bare.most)})`,
    ...(counts.length === 0 ? [] : [`  git processes of one of ours: ${counts.join(", ")}`]),
  ].join("\n");
}

/** In this order, or only those that are named: `npm run bench -- claimAndPush`. */
const MEASURES: Readonly<Record<string, () => Promise<Comparison | readonly Comparison[]>>> = {
  claimAndPush,
  coldClaim,
  largeBoard,
  oneClone,
  manyMachines,
  preCommitHook,
  longHistories,
  sshSharing,
  longBranch,
  peers,
};
const machine = {
  cores: availableParallelism(),
  node: process.version,
  git: execFileSync("git", ["version"], { encoding: "utf8" }).trim(),
};
const results = new URL("results/latest.json", import.meta.url);

interface Results {
  readonly machine: typeof machine;
  /** By measure; each holds pairs that were taken in one run. */
  readonly measures: Readonly<Record<string, readonly Comparison[]>>;
}

/** What was measured before stays, if it was with the same cores and versions: nothing is compared across measures. */
function note(name: string, comparisons: readonly Comparison[]): void {
  const before: Partial<Results> = existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : {};
  const isSame = JSON.stringify(before.machine) === JSON.stringify(machine);
  const measures = { ...(isSame ? before.measures : {}), [name]: comparisons };
  writeFileSync(results, `${JSON.stringify({ machine, measures } satisfies Results, null, 2)}\n`);
}

const wanted = process.argv.slice(2);
const missed: Comparison[] = [];
for (const [name, measure] of Object.entries(MEASURES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const comparisons = [await measure()].flat();
  for (const comparison of comparisons) console.log(`${show(comparison)}\n`);
  note(name, comparisons);
  missed.push(...comparisons.filter(({ ratio, limit }) => limit !== null && ratio > limit));
}
if (missed.length > 0) {
  console.error(`over the limit: ${missed.map(({ name }) => name).join("; ")}`);
  process.exitCode = 1;
}
