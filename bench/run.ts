/** `npm run bench`: ratios in one run, written to bench/results/ with what they were measured on. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { claimAndPush } from "./claim-and-push.ts";
import { longHistories, preCommitHook } from "./history.ts";
import type { Comparison } from "./measure.ts";

const round = (value: number): number => Math.round(value * 100) / 100;

function show({ name, ours, bare, ratio, limit, processes }: Comparison): string {
  const bound = limit === null ? "" : `  (at most ${limit})`;
  const counts = Object.entries(processes).map(([command, count]) => `${count} ${command}`);
  return [
    name,
    `  ratio   ${round(ratio)}${bound}`,
    `  ours    ${round(ours.median)} ms  (${round(ours.least)} to ${round(ours.most)})`,
    `  bare    ${round(bare.median)} ms  (${round(bare.least)} to ${round(bare.most)})`,
    ...(counts.length === 0 ? [] : [`  git processes of one of ours: ${counts.join(", ")}`]),
  ].join("\n");
}

const comparisons = [await claimAndPush()];
comparisons.push(await preCommitHook(), ...(await longHistories()));
for (const comparison of comparisons) console.log(`${show(comparison)}\n`);

const machine = {
  cores: availableParallelism(),
  node: process.version,
  git: execFileSync("git", ["version"], { encoding: "utf8" }).trim(),
};
const folder = new URL("results/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("latest.json", folder), `${JSON.stringify({ machine, comparisons }, null, 2)}\n`);
const missed = comparisons.filter(({ ratio, limit }) => limit !== null && ratio > limit);
if (missed.length > 0) {
  console.error(`over the limit: ${missed.map(({ name }) => name).join("; ")}`);
  process.exitCode = 1;
}
