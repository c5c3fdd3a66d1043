import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Comparison, median, summarise } from "./measure.ts";
import { git, inFolder, placeWith } from "./place.ts";

const execute = promisify(execFile);
const PROGRAM = fileURLToPath(new URL("../dist/git-coord.cjs", import.meta.url));
const PAIRS = 10;

/** Processor time of a command and all that it starts, milliseconds: what `times` of the shell says of its children. */
async function cpuOf(cwd: string, command: string): Promise<number> {
  const { stdout } = await execute("sh", ["-c", `${command} >/dev/null 2>&1; times`], { cwd });
  const children = stdout.trim().split("\n").at(-1) ?? "";
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return seconds.reduce((sum, each) => sum + each, 0) * 1000;
}

/** A cold `git coord claim` beside the start of node and a bare `git push` of a ready-made commit. */
export async function coldClaim(): Promise<Comparison> {
  return inFolder(async (folder) => {
    const path = await placeWith(folder, "ours", PAIRS + 2);
    await git(folder, "init", "--quiet", "--bare", "bare.git");
    await git(folder, "init", "--quiet", "source");
    const source = join(folder, "source");
    const ours: number[] = [];
    const bare: number[] = [];
    for (let pair = 0; pair <= PAIRS; pair += 1) {
      await writeFile(join(source, "board.md"), `commit ${pair}\n`);
      await git(source, "add", "board.md");
      await git(source, "-c", "user.name=b", "-c", "user.email=b@b", "commit", "--quiet", "-m", `commit ${pair}`);
      const start = await cpuOf(path, `"${process.execPath}" -e 0`);
      const push = await cpuOf(source, "git push --quiet ../bare.git HEAD:refs/heads/main");
      const claim = await cpuOf(path, `"${process.execPath}" "${PROGRAM}" --as bench claim --next`);
      if (pair === 0) continue;
      ours.push(claim);
      bare.push(start + push);
    }
    return {
      name: "processor time of a cold claim / node -e 0 and a bare git push",
      ours: summarise(ours),
      bare: summarise(bare),
      ratio: median(ours.map((own, pair) => own / (bare[pair] ?? Number.NaN))),
      limit: 1.5,
      processes: {},
    };
  });
}
