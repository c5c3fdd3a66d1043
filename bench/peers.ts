import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Comparison, Summary } from "./measure.ts";
import { git, inFolder, placeWith } from "./place.ts";

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const CLIENTS = 8;
const PASSES = 100;
/** With the pauses that peers document one pass takes seconds: one for each client tells as much. */
const PATIENT_PASSES = CLIENTS;
const QUICK_PASSES = 40;
/** Seconds. Ours asks the remote as often when it is most eager. */
const QUICK = "0.25";

/** One lock passed round several clients of a remote that is a path; nobody holds it longer than needed. */
export async function peers(): Promise<Comparison[]> {
  const clones = await passOurs((folder) => cloneEach(folder));
  const windows = await passOurs((_, first) => Array.from({ length: CLIENTS }, () => first));
  const name = `one lock passed round ${CLIENTS}`;
  const documented = [
    ["gh-action-mutex's algorithm (looks every 5 s)", await passMutex(PATIENT_PASSES, "5", "1")],
    ["pool-resource's algorithm (retries after 10 s)", await passPool(PATIENT_PASSES, "10")],
  ] as const;
  const quick = [
    [`gh-action-mutex's algorithm with pauses of ${QUICK} s`, await passMutex(QUICK_PASSES, QUICK, QUICK)],
    [`pool-resource's algorithm with pauses of ${QUICK} s`, await passPool(QUICK_PASSES, QUICK)],
  ] as const;
  return [
    ...[...documented, ...quick].map(([peer, pass]) => compare(`${name} clones / ${peer}`, clones, pass)),
    ...quick.map(([peer, pass]) =>
      compare(`${name} processes of one clone / ${peer}, ${CLIENTS} clones`, windows, pass),
    ),
  ];
}

/** @param ours, bare the wall time of one pass, milliseconds */
function compare(name: string, ours: number, bare: number): Comparison {
  const alike = (value: number): Summary => ({ least: value, median: value, most: value });
  return { name, ours: alike(ours), bare: alike(bare), ratio: ours / bare, limit: null, processes: {} };
}

/** How many of the passes each client takes part in. */
const turns = (passes: number): string[] =>
  Array.from({ length: CLIENTS }, (_, each) => String(Math.floor((passes + each) / CLIENTS)));

async function passOurs(places: (folder: string, first: string) => string[] | Promise<string[]>): Promise<number> {
  return inFolder(async (folder) => {
    const first = await placeWith(folder, "ours", 1);
    const counts = turns(PASSES);
    const passers: ChildProcess[] = [];
    for (const [each, place] of (await places(folder, first)).entries()) {
      const args = [program("programs/passer.mjs"), place, `p${each}`, counts[each] ?? ""];
      const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
      await once(child.stdout as NonNullable<typeof child.stdout>, "data");
      passers.push(child);
    }
    return timePass(PASSES, passers, () => {
      for (const child of passers) child.stdin?.write("go\n");
    });
  });
}

async function cloneEach(folder: string, source = "ours.git", branch?: string): Promise<string[]> {
  const clones = Array.from({ length: CLIENTS }, (_, each) => join(folder, `c${each}`));
  const options = branch ? ["--branch", branch] : [];
  for (const clone of clones) await git(folder, "clone", "--quiet", ...options, source, clone);
  return clones;
}

const passMutex = (passes: number, look: string, again: string) =>
  passPeers("peer-mutex.sh", "mutex", "queue", passes, [look, again]);

const passPool = (passes: number, delay: string) =>
  passPeers("peer-pool.sh", "pool", "unclaimed/lock", passes, [delay]);

/** @param file what the branch begins with */
async function passPeers(
  script: string,
  branch: string,
  file: string,
  passes: number,
  pauses: string[],
): Promise<number> {
  return inFolder(async (folder) => {
    await git(folder, "init", "--quiet", "--bare", `--initial-branch=${branch}`, "peer.git");
    await git(folder, "clone", "--quiet", "peer.git", "seed");
    const seed = join(folder, "seed");
    await git(seed, "checkout", "--quiet", "-B", branch);
    await mkdir(join(seed, file, ".."), { recursive: true });
    await writeFile(join(seed, file), "head\n");
    await git(seed, "add", file);
    await git(seed, ...PERSON.flatMap((setting) => ["-c", setting]), "commit", "--quiet", "-m", "seed");
    await git(seed, "push", "--quiet", "origin", branch);
    const clones = await cloneEach(folder, "peer.git", branch);
    for (const clone of clones) for (const setting of PERSON) await git(clone, "config", ...setting.split("="));
    const counts = turns(passes);
    const children: ChildProcess[] = [];
    return timePass(passes, children, () => {
      for (const [each, clone] of clones.entries()) {
        const args = [clone, `p${each}`, counts[each] ?? "", ...pauses];
        children.push(spawn(program(script), args, { stdio: ["ignore", "ignore", "inherit"] }));
      }
    });
  });
}

const PERSON = ["user.name=bench", "user.email=bench@example.invalid"];

/** @returns the wall time of one pass, milliseconds */
async function timePass(passes: number, children: readonly ChildProcess[], begin: () => void): Promise<number> {
  const start = performance.now();
  begin();
  const ends = await Promise.all(children.map((child) => once(child, "exit")));
  if (ends.some(([code]) => code !== 0)) throw new Error("a client has failed");
  return (performance.now() - start) / passes;
}
