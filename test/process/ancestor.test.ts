import { expect, test } from "vitest";
import { longLivedParent } from "../../src/process/ancestor.ts";

/** Processes by id: their parent and command line. */
const family =
  (processes: Readonly<Record<number, readonly [parent: number, ...command: string[]]>>) => (pid: number) => {
    const [parent, ...command] = processes[pid] ?? [];
    return parent === undefined ? null : { parent, command };
  };

test.each([
  ["the shell of a terminal", { 10: [5, "-bash"], 5: [1, "terminal"] }],
  ["the shell above git", { 12: [10, "git", "coord", "join"], 10: [5, "/bin/bash"], 5: [1, "terminal"] }],
  ["the shell above its own copy in $(…)", { 12: [10, "bash"], 10: [5, "bash"], 5: [1, "terminal"] }],
  [
    "the agent above a shell for one command",
    {
      12: [11, "git", "coord", "join"],
      11: [10, "/bin/sh", "-c", "x=$(git coord join)"],
      10: [5, "node", "agent.js"],
      5: [1, "terminal"],
    },
  ],
  ["the parent, where nothing is known of it", {}],
] as const)("keepalive watches %s", (_what, processes) => {
  const known = processes as Record<number, readonly [number, ...string[]]>;
  const start = 12 in known ? 12 : 10;
  expect(longLivedParent(start, family(known))).toBe(10);
});
