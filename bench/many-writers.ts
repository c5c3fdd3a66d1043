import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Comparison, Summary } from "./measure.ts";
import { median, summarise } from "./measure.ts";
import { git, inFolder, placeWith, slowConnections } from "./place.ts";

const CLAIMER = fileURLToPath(new URL("programs/claimer.mjs", import.meta.url));
const NAIVE = fileURLToPath(new URL("naive-loop.sh", import.meta.url));
const WRITERS = 16;
/** Milliseconds added to every connection. */
const SLOW = 150;
/** Of each writer behind a slow network. */
const CLAIMS = 3;

interface Claimed {
  /** How long all writers took for all claims, milliseconds. */
  readonly wall: number;
  readonly times: readonly number[];
  /** Pushes of each claim. */
  readonly tries: readonly number[];
}

/** Processes of one clone share their pushes; the naive loops of as many clones race each other. */
export async function oneClone(): Promise<Comparison[]> {
  const ours = await inFolder(async (folder) => {
    const path = await placeWith(folder, "ours", WRITERS * 20 + 1);
    return claimWith(Array.from({ length: WRITERS }, (_, index) => [path, `w${index}`, 20] as const));
  });
  const naive = await inFolder((folder) => claimNaively(folder, 2, false, 0));
  const slowest = Math.max(...ours.times) / median(ours.times);
  return [
    perClaim(
      `claims of ${WRITERS} processes of one clone / as many naive loops (wall time per claim)`,
      ours,
      naive,
      1 / 20,
    ),
    {
      name: "the slowest of those claims / their median",
      ours: alike(Math.max(...ours.times)),
      bare: summarise(ours.times),
      ratio: slowest,
      limit: 5,
      processes: {},
    },
  ];
}

/** Each writer a machine of its own, behind a slow network; beside one such machine alone, too. */
export async function manyMachines(): Promise<Comparison[]> {
  const ours = await inFolder((folder) => claimFromMachines(folder, WRITERS, CLAIMS));
  const alone = await inFolder((folder) => claimFromMachines(folder, 1, 4 * CLAIMS));
  const plain = await inFolder((folder) => claimNaively(folder, CLAIMS, false, SLOW));
  const jitter = await inFolder((folder) => claimNaively(folder, CLAIMS, true, SLOW));
  const most = Math.max(...ours.tries);
  const name = `claims of ${WRITERS} machines, ${SLOW} ms for each connection`;
  return [
    perClaim(`${name} / naive loops (wall time per claim)`, ours, plain, 1 / 1.5),
    perClaim(`${name} / naive loops with jitter (wall time per claim)`, ours, jitter, 1 / 1.5),
    perClaim(`${name} / one machine alone (wall time per claim)`, ours, alone, null),
    {
      name: `${name}: pushes of the unluckiest claim / 1`,
      ours: alike(most),
      bare: alike(1),
      ratio: most,
      limit: 10,
      processes: {},
    },
    {
      name: `${name}: pushes of the unluckiest claim of naive loops with jitter / 1`,
      ours: alike(Math.max(...jitter.tries)),
      bare: alike(1),
      ratio: Math.max(...jitter.tries),
      limit: null,
      processes: {},
    },
  ];
}

async function claimFromMachines(folder: string, machines: number, claims: number): Promise<Claimed> {
  await placeWith(folder, "first", machines * claims + 1);
  const settings = await slowConnections(folder, SLOW);
  const clones = Array.from({ length: machines }, (_, index) => join(folder, `m${index}`));
  for (const clone of clones) {
    await git(folder, "clone", "--quiet", "first.git", clone);
    for (const [key, value] of settings) await git(clone, "config", key, value);
  }
  return claimWith(clones.map((clone, index) => [clone, `m${index}`, claims] as const));
}

const alike = (value: number): Summary => ({ least: value, median: value, most: value });

function perClaim(name: string, ours: Claimed, bare: Claimed, limit: number | null): Comparison {
  const each = ({ wall, tries }: Claimed) => wall / tries.length;
  return {
    name,
    ours: alike(each(ours)),
    bare: alike(each(bare)),
    ratio: each(ours) / each(bare),
    limit,
    processes: {},
  };
}

async function claimWith(writers: readonly (readonly [clone: string, id: string, count: number])[]): Promise<Claimed> {
  const processes: ChildProcess[] = [];
  for (const [clone, id, count] of writers) {
    const child = spawn(process.execPath, [CLAIMER, clone, id, String(count)], { stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout as NonNullable<typeof child.stdout>, "data");
    processes.push(child);
  }
  const begin = performance.now();
  const printed = processes.map(async (child) => {
    child.stdin?.write("go\n");
    return text(child.stdout as NonNullable<typeof child.stdout>);
  });
  const claims = (await Promise.all(printed)).flatMap((line) => JSON.parse(line) as { time: number; pushes: number }[]);
  return {
    wall: performance.now() - begin,
    times: claims.map(({ time }) => time),
    tries: claims.map(({ pushes }) => pushes),
  };
}

async function claimNaively(folder: string, count: number, jitter: boolean, slow: number): Promise<Claimed> {
  const person = ["AUTHOR", "COMMITTER"].flatMap((role) => [
    [`GIT_${role}_NAME`, "bench"],
    [`GIT_${role}_EMAIL`, "bench@example.invalid"],
  ]);
  const env = { ...process.env, ...Object.fromEntries(person), ...(jitter && { JITTER: "1" }) };
  await git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "naive.git");
  await git(folder, "clone", "--quiet", "naive.git", "seed");
  const seed = join(folder, "seed");
  await writeFile(
    join(seed, "board"),
    `${Array.from({ length: WRITERS * count + 1 }, (_, line) => `free ${line}`).join("\n")}\n`,
  );
  await git(seed, "checkout", "--quiet", "-B", "main");
  await git(seed, "add", "board");
  await git(seed, "-c", "user.name=bench", "-c", "user.email=bench@example.invalid", "commit", "--quiet", "-m", "seed");
  await git(seed, "push", "--quiet", "origin", "main");
  const settings = slow === 0 ? [] : await slowConnections(folder, slow);
  const clones = Array.from({ length: WRITERS }, (_, index) => join(folder, `n${index}`));
  for (const clone of clones) {
    await git(folder, "clone", "--quiet", "naive.git", clone);
    for (const [key, value] of settings) await git(clone, "config", key, value);
  }
  const begin = performance.now();
  const printed = clones.map((clone, index) => {
    const child = spawn(NAIVE, [clone, `n${index}`, String(count)], { env, stdio: ["ignore", "pipe", "ignore"] });
    return text(child.stdout);
  });
  const tries = (await Promise.all(printed)).flatMap((lines) => lines.trim().split("\n").map(Number));
  return { wall: performance.now() - begin, times: [], tries };
}
