import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { add, claim, init, join as joinBoard, openCoordination } from "git-coord";
import { type Comparison, median, summarise, timed } from "./measure.ts";

const execute = promisify(execFile);

const PAIRS = 40;
const WARM_UP = 5;

/** A claim in a warm process over a path remote, beside a bare `git push` of a ready-made commit. */
export async function claimAndPush(): Promise<Comparison> {
  const folder = await mkdtemp(join(tmpdir(), "git-coord-bench-"));
  try {
    const git = async (...args: string[]) => (await execute("git", args, { cwd: folder })).stdout.trim();
    await git("init", "--quiet", "--bare", "ours.git");
    await git("init", "--quiet", "--bare", "bare.git");
    await git("clone", "--quiet", "ours.git", "clone");
    const processes: string[] = [];
    const onSpawn = (args: readonly string[]) => processes.push(commandOf(args));
    const coordination = await openCoordination({ cwd: join(folder, "clone"), as: "bench", onSpawn });
    await init(coordination);
    await joinBoard(coordination);
    for (let task = 0; task < PAIRS + WARM_UP; task += 1) await add(coordination, { title: `Task ${task}` });

    const pusher = await readyMadeCommits(folder, PAIRS + WARM_UP);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let pair = 0; pair < PAIRS + WARM_UP; pair += 1) {
      const commit = pusher[pair] as string;
      const push = await timed(() =>
        git("-C", "source", "push", "--quiet", "../bare.git", `${commit}:refs/heads/main`),
      );
      processes.length = 0;
      const own = await timed(async () => {
        const outcome = await claim(coordination);
        if (!outcome.ok) throw new Error(`the claim was not granted: ${JSON.stringify(outcome.failure)}`);
      });
      if (pair < WARM_UP) continue;
      ours.push(own);
      bare.push(push);
    }
    return {
      name: "claim, warm, path remote / bare git push of a ready-made commit",
      ours: summarise(ours),
      bare: summarise(bare),
      ratio: median(ours.map((own, pair) => own / (bare[pair] ?? Number.NaN))),
      limit: 1.25,
      processes: countOf(processes),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A chain of commits that each change one small file: what a claim changes, with nothing left to prepare. */
async function readyMadeCommits(folder: string, count: number): Promise<string[]> {
  const source = join(folder, "source");
  await execute("git", ["init", "--quiet", source]);
  const commits: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const message = `commit ${number}`;
    const script = `printf '%s\\n' "${message}" > board.md && git add board.md && git -c user.name=b -c user.email=b@b commit --quiet -m "${message}" && git rev-parse HEAD`;
    commits.push((await execute("sh", ["-c", script], { cwd: source })).stdout.trim());
  }
  return commits;
}

const commandOf = (args: readonly string[]): string =>
  args.find((arg, index) => /^[a-z][a-z-]+$/.test(arg) && args[index - 1] !== "-c") ?? "?";

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
