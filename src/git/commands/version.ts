import type { GitCommand } from "../run.ts";

/** The numbers of git's version; null when it says something else. */
export function version(): GitCommand<readonly [number, number, number] | null> {
  return {
    args: ["version"],
    parse({ stdout }) {
      const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(stdout);
      return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : null;
    },
  };
}
