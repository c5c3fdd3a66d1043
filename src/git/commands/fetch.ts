import type { GitCommand, GitResult } from "../run.ts";

export const FETCH: readonly string[] = [
  "fetch",
  "--no-tags",
  "--no-recurse-submodules",
  "--no-write-fetch-head",
  "--no-auto-maintenance",
  "--no-write-commit-graph",
  "--no-prune",
  "--refmap=",
];

/** What comes stays the one pack that it was sent as, however small. */
export const KEEP_PACK: readonly string[] = ["-c", "fetch.unpackLimit=1"];

/**
 * Brings the remote's branch into the local ref, forward only: the refspec has no `+`.
 * @param depth only so many of its newest commits; null: all that are missing
 */
export function fetch(
  remote: string,
  branch: string,
  localRef: string,
  depth: number | null = null,
): GitCommand<GitResult> {
  const shallow = depth === null ? FETCH : [...KEEP_PACK, ...FETCH, `--depth=${depth}`];
  return { args: [...shallow, remote, `refs/heads/${branch}:${localRef}`], parse: (result) => result };
}
