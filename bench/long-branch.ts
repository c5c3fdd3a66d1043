import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { maintain } from "../src/git/maintenance.ts";
import { coordFolder } from "../src/git/private-repository.ts";
import { createGit } from "../src/git/run.ts";
import { boardText, type Coordination, claim, openCoordination, verify } from "../src/index.ts";
import { generateBranch } from "./generated-branch.ts";
import { type Comparison, inTurn, summarise, timed } from "./measure.ts";
import { git, inFolder, placeWith } from "./place.ts";

const execute = promisify(execFile);
const PROGRAM = fileURLToPath(new URL("../dist/git-coord.cjs", import.meta.url));

const LONG = 100_000;
const SHORT = 100;
const PAIRS = 12;
const WARM_UP = 3;
/** Commits after which the private repository is looked at: more than maintenance leaves alone. */
const WRITTEN = 1000;

/** A branch of 100,000 commits: attaching to it, a claim on it, and what it takes on the disk. */
export async function longBranch(): Promise<Comparison[]> {
  return inFolder(async (folder) => {
    const board = await seedBoard(folder);
    for (const [name, commits] of [["long", LONG] as const, ["short", SHORT] as const])
      await serverWith(folder, name, board, commits);
    const attached = [await attachWarm(folder), await attachCold(folder)];
    const short = await openClone(folder, "short", "s");
    const shallow = await openClone(folder, "long", "l");
    const size = await sizeOf(folder, "l");
    const claims = await claimsOn(shallow, short, "claim with 100,000 commits behind it / with 100", 1.2);
    const whole = await openClone(folder, "long", "w");
    await verify(whole);
    const wholeSize = await sizeOf(folder, "w");
    const behind = "the same in a clone that has all of them";
    return [
      ...attached,
      claims,
      await claimsOn(whole, short, behind, null),
      kibibytes("private repository after attaching to 100,000 commits / with all of them", size, wholeSize),
      await afterManyCommits(folder),
    ];
  });
}

/** The text of a board with enough to claim. */
async function seedBoard(folder: string): Promise<string> {
  const path = await placeWith(folder, "seed", 3 * (PAIRS + WARM_UP) + 10);
  const text = await boardText(await openCoordination({ cwd: path, as: "bench" }));
  if (!text.ok) throw new Error("the board cannot be read");
  return text.value;
}

/** A bare repository with the branch, in one pack, as a server keeps it. */
async function serverWith(folder: string, name: string, board: string, commits: number): Promise<void> {
  await git(folder, "init", "--quiet", "--bare", `${name}.git`);
  await generateBranch(join(folder, `${name}.git`), board, commits);
}

async function newClone(folder: string, server: string, name: string): Promise<string> {
  const path = join(folder, name);
  await rm(path, { recursive: true, force: true });
  await git(folder, "init", "--quiet", name);
  await git(path, "remote", "add", "origin", join(folder, `${server}.git`));
  return path;
}

async function openClone(folder: string, server: string, name: string): Promise<Coordination> {
  const coordination = await openCoordination({ cwd: await newClone(folder, server, name), as: name });
  await boardText(coordination);
  return coordination;
}

function bareClone(folder: string): Promise<unknown> {
  const options = ["--quiet", "--bare", "--depth", "1", "--single-branch", "--branch", "coordination"];
  return git(folder, "clone", ...options, `file://${folder}/long.git`, "bare-clone");
}

async function attachWarm(folder: string): Promise<Comparison> {
  return attach(
    folder,
    "first attach to 100,000 commits, warm / git clone --depth 1 --single-branch",
    1.5,
    async (path) => {
      const outcome = await boardText(await openCoordination({ cwd: path, as: "bench" }));
      if (!outcome.ok) throw new Error("the board cannot be read");
    },
  );
}

async function attachCold(folder: string): Promise<Comparison> {
  return attach(folder, "the same, a cold `git coord status`", null, (path) =>
    execute(process.execPath, [PROGRAM, "status"], { cwd: path }),
  );
}

async function attach(
  folder: string,
  name: string,
  limit: number | null,
  run: (path: string) => Promise<unknown>,
): Promise<Comparison> {
  return inTurn(
    { name, limit },
    { pairs: PAIRS, warmUp: WARM_UP },
    async () => {
      const path = await newClone(folder, "long", "attached");
      return timed(() => run(path));
    },
    async () => {
      await rm(join(folder, "bare-clone"), { recursive: true, force: true });
      return timed(() => bareClone(folder));
    },
  );
}

async function claimsOn(
  long: Coordination,
  short: Coordination,
  name: string,
  limit: number | null,
): Promise<Comparison> {
  const claimOn = (coordination: Coordination) =>
    timed(async () => {
      const outcome = await claim(coordination);
      if (!outcome.ok) throw new Error(`the claim was not granted: ${JSON.stringify(outcome.failure)}`);
    });
  return inTurn(
    { name, limit },
    { pairs: PAIRS, warmUp: WARM_UP },
    () => claimOn(long),
    () => claimOn(short),
  );
}

/** What many claims leave, before and after maintenance: as many commits, written as claims are, in one push. */
async function afterManyCommits(folder: string): Promise<Comparison> {
  const { ledger } = await openClone(folder, "long", "many");
  const { objects, remote } = ledger;
  const base = (await remote.knownTip()) as string;
  const { author, committer, at, message } = await objects.readCommit(base);
  const file = await objects.readFile(base, "master_coordination.md", 1 << 24);
  if (file.kind !== "text") throw new Error("the board cannot be read");
  let parent = base;
  for (let number = 0; number < WRITTEN; number += 1) {
    const files = new Map([["master_coordination.md", `${file.text}\nOne more ${number}.\n`]]);
    parent = await objects.writeCommit({ parent, files, author, committer, at, message });
    objects.handOver();
  }
  await remote.push(base, parent);
  const before = await sizeOf(folder, "many");
  await maintain(createGit({ environment: process.env }), coordFolder({ commonDir: join(folder, "many", ".git") }));
  const name = `private repository after ${WRITTEN} commits more, with maintenance / without`;
  return kibibytes(name, await sizeOf(folder, "many"), before);
}

/** Of the private repository of a clone, as it is on the disk: kibibytes. */
async function sizeOf(folder: string, clone: string): Promise<number> {
  const { stdout } = await execute("du", ["-sk", join(folder, clone, ".git", "coord", "repo.git")]);
  return Number.parseInt(stdout, 10);
}

function kibibytes(name: string, own: number, other: number): Comparison {
  const [ours, bare] = [summarise([own]), summarise([other])];
  return { name, ours, bare, ratio: own / other, limit: null, processes: {}, unit: "KiB" };
}
