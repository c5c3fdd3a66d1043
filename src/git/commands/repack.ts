import type { Duration } from "../../domain/instant.ts";
import { GitFailure } from "../errors.ts";
import type { Git, GitResult } from "../run.ts";

export interface Objects {
  readonly git: Git;
  readonly gitDir: string;
}

const SETTINGS = [
  // The loose objects go when the pack is there: the pack must survive a crash of the machine.
  "core.fsync=loose-object,pack,pack-metadata",
  "core.hooksPath=/dev/null",
  "pack.threads=1",
  "repack.writeBitmaps=false",
].flatMap((setting) => ["-c", setting]);

/** `-n`: nobody fetches from here over dumb http. */
const REPACK = ["repack", "-d", "-l", "-n", "-q"];
/** What git says to an option that it does not know. */
const USAGE = 129;

/** Packs loose objects and small packs into one, whether something refers to them or not. Large packs stay. */
export async function rollUp(objects: Objects): Promise<void> {
  const { exitCode, stderr } = await run(objects, [...REPACK, "--geometric=2"]);
  // Before 2.32 git can only pack everything.
  if (exitCode === USAGE) await demand(objects, [...REPACK, "-a", "-k"]);
  else if (exitCode !== 0) throw failed("repack", exitCode, stderr);
}

/** Packs everything into one, and removes what nothing refers to and nobody has touched for so long. */
export async function prune(objects: Objects, age: Duration): Promise<void> {
  const since = `${Math.ceil(age / 1000)}.seconds.ago`;
  await demand(objects, [...REPACK, "-A", `--unpack-unreachable=${since}`]);
  await demand(objects, ["prune", `--expire=${since}`]);
}

async function demand(objects: Objects, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await run(objects, args);
  if (exitCode !== 0) throw failed(args[0] as string, exitCode, stderr);
}

function failed(command: string, exitCode: number | null, stderr: string): GitFailure {
  return new GitFailure({ code: "git_failed", command, exitCode, words: stderr.trim() });
}

function run({ git, gitDir }: Objects, args: readonly string[]): Promise<GitResult> {
  const command = { args: [`--git-dir=${gitDir}`, ...SETTINGS, ...args], parse: (result: GitResult) => result };
  return git.run(command, { cwd: gitDir });
}
