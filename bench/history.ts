import { execFile } from "node:child_process";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Coordination, lock, openCoordination, unlock, verify } from "../src/index.ts";
import { LongHistory, MINUTE } from "../test/history/support/long-history.ts";
import { type Comparison, inTurn, timed } from "./measure.ts";

const execute = promisify(execFile);
const PROGRAM = fileURLToPath(new URL("../dist/git-coord.cjs", import.meta.url));

const PAIRS = 12;
const WARM_UP = 2;

/** Reading and checking a long history, each beside something bare in the same run. */
export async function longHistories(): Promise<Comparison[]> {
  const folder = await mkdtemp(join(tmpdir(), "git-coord-bench-"));
  try {
    const long = await cloneWith(folder, "long", 10_000);
    const short = await cloneWith(folder, "short", 300);
    return [await whoHeldIt(long), await secondVerify(long, short)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly path: string;
  readonly coordination: Coordination;
}

/** A clone whose remote has a history of that many commits, made by real operations. */
async function cloneWith(folder: string, name: string, commits: number): Promise<Place> {
  const history = await LongHistory.begin(7, Date.now() - (commits + 100) * 3 * MINUTE);
  await history.grow(commits);
  const [server, path] = [join(folder, `${name}.git`), join(folder, name)];
  await execute("git", ["init", "--quiet", "--bare", server]);
  await history.objects.moveTo(server, { "refs/heads/coordination": history.tip.commit });
  await execute("git", ["clone", "--quiet", server, path]);
  const coordination = await openCoordination({ cwd: path, as: "bench" });
  await verify(coordination);
  return { path, coordination };
}

async function whoHeldIt({ path }: Place): Promise<Comparison> {
  const long = ["--git-dir", join(path, ".git/coord/repo.git")];
  const { stdout } = await execute("git", [...long, "for-each-ref", "--format=%(objectname)"]);
  const at = await execute("git", [...long, "log", "-1", "--skip=5000", "--format=%cI", stdout.trim()]);
  return compare(
    "who RESOURCE --at T, cold, 10,000 commits / git log printing the same commits' messages",
    5,
    () => execute(process.execPath, [PROGRAM, "who", "lock:build", "--at", at.stdout.trim()], { cwd: path }),
    () => execute("git", [...long, "log", "--format=%B", stdout.trim()], { maxBuffer: 1 << 28 }),
  );
}

/** The same work over a history thirty times as long. */
async function secondVerify(long: Place, short: Place): Promise<Comparison> {
  const after = async ({ coordination }: Place) => {
    await lock(coordination, { locks: ["bench"] });
    await unlock(coordination, { all: true });
    await verify(coordination);
    await lock(coordination, { locks: ["bench"] });
    const time = await timed(async () => {
      const outcome = await verify(coordination);
      if (!outcome.ok || outcome.value.replayed !== 1 || outcome.value.findings.length > 0)
        throw new Error("verify did not replay one clean commit");
    });
    await unlock(coordination, { all: true });
    return time;
  };
  const name = "verify after one new commit: history of 10,000 commits / history of 300 commits";
  return inTurn(
    { name, limit: 1.5 },
    { pairs: PAIRS, warmUp: WARM_UP },
    () => after(long),
    () => after(short),
  );
}

/** What `pre-commit` adds to a commit while the board is fresh. */
export async function preCommitHook(): Promise<Comparison> {
  const folder = await mkdtemp(join(tmpdir(), "git-coord-bench-"));
  try {
    const [server, path] = [join(folder, "server.git"), join(folder, "clone")];
    await execute("git", ["init", "--quiet", "--bare", server]);
    await execute("git", ["clone", "--quiet", server, path]);
    const env = { ...process.env, COORD_ID: "bench" };
    const run = (...args: string[]) => execute(process.execPath, [PROGRAM, ...args], { cwd: path, env });
    await run("init");
    await run("lock", "-f", "src/");
    await run("hooks", "install");
    await run("settings", "Board age", "1h");
    await run("status");
    const empty = join(folder, "empty.mjs");
    await writeFile(empty, "");
    await appendFile(join(path, "work.c"), "int main;\n");
    await execute("git", ["add", "work.c"], { cwd: path });
    return await compare(
      "pre-commit with a fresh board, its shell and its git processes included / an empty node process",
      2.5,
      () => execute(join(path, ".git/coord/hooks/pre-commit"), [], { cwd: path, env }),
      () => execute(process.execPath, [empty]),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Run = () => Promise<unknown>;

const compare = (name: string, limit: number, ours: Run, bare: Run): Promise<Comparison> =>
  inTurn(
    { name, limit },
    { pairs: PAIRS, warmUp: WARM_UP },
    () => timed(ours),
    () => timed(bare),
  );
