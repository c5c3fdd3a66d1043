import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Comparison, median, summarise } from "./measure.ts";
import { git, inFolder, placeWith } from "./place.ts";

const execute = promisify(execFile);
const PROGRAM = fileURLToPath(new URL("../dist/git-coord.cjs", import.meta.url));
const PAIRS = 15;

/** Processor time of a command and all that it starts, milliseconds: what `times` of bash says of its children. */
async function cpuOf(cwd: string, command: string): Promise<number> {
  const { stdout } = await execute("bash", ["-c", `{ ${command}; } >/dev/null 2>&1 </dev/null || exit 1; times`], {
    cwd,
  });
  const children = stdout.trim().split("\n").at(-1) ?? "";
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return seconds.reduce((sum, each) => sum + each, 0) * 1000;
}

/**
 * A cold `git coord claim` beside an empty node and what git alone takes: for a commit and its push, which is what a claim
 * is, and for no more than the push of a commit that is ready, which is as little as it could be.
 */
export async function coldClaim(): Promise<Comparison[]> {
  return inFolder(async (folder) => {
    const path = await placeWith(folder, "ours", PAIRS + 2);
    const source = join(folder, "source");
    await git(folder, "init", "--quiet", "--bare", "bare.git");
    await git(folder, "init", "--quiet", "source");
    for (const name of ["name", "email"]) await git(source, "config", `user.${name}`, "bench@example.invalid");
    const said = join(folder, "said");
    const read = async () => (await readFile(said, "utf8")).trim();
    const times: { readonly start: number; readonly make: number; readonly push: number; readonly claim: number }[] =
      [];
    let tip = "";
    for (let pair = 0; pair <= PAIRS; pair += 1) {
      await writeFile(join(source, "board.md"), `commit ${pair}\n`);
      const start = await cpuOf(path, `"${process.execPath}" -e 0`);
      const blob = await cpuOf(source, `git hash-object -w board.md >"${said}"`);
      await writeFile(join(source, "tree"), `100644 blob ${await read()}\tboard.md\n`);
      const tree = await cpuOf(source, `git mktree <tree >"${said}"`);
      const commit = await cpuOf(source, `git commit-tree ${await read()} ${tip && `-p ${tip}`} -m claim >"${said}"`);
      const lease = `--force-with-lease=refs/heads/main:${tip}`;
      tip = await read();
      const push = await cpuOf(source, `git push --quiet --atomic ${lease} ../bare.git ${tip}:refs/heads/main`);
      const claim = await cpuOf(path, `"${process.execPath}" "${PROGRAM}" --as bench claim --next`);
      if (pair > 0) times.push({ start, make: blob + tree + commit, push, claim });
    }
    if ((await git(source, "ls-remote", "../bare.git", "main")).split("\t")[0] !== tip)
      throw new Error("the bare push failed");
    const against = (name: string, limit: number | null, bare: (each: (typeof times)[0]) => number): Comparison => ({
      name: `processor time of a cold claim / node -e 0 and ${name}`,
      ours: summarise(times.map(({ claim }) => claim)),
      bare: summarise(times.map(bare)),
      ratio: median(times.map((each) => each.claim / bare(each))),
      limit,
      processes: {},
    });
    return [
      against("the git commands of one push", 1.5, ({ start, make, push }) => start + make + push),
      against("the push of a commit that is ready", null, ({ start, push }) => start + push),
    ];
  });
}
