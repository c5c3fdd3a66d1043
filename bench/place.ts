import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { add, apply, boardText, type Coordination, init, join as joinBoard, openCoordination } from "git-coord";

const execute = promisify(execFile);

/** A folder for one measurement, gone when it is over. */
export async function inFolder<T>(measure: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "git-coord-bench-"));
  try {
    return await measure(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function git(cwd: string, ...args: string[]): Promise<string> {
  return (await execute("git", args, { cwd, maxBuffer: 1 << 28 })).stdout.trim();
}

/** A clone whose remote has a board with so many queued tasks. */
export async function placeWith(folder: string, name: string, tasks: number): Promise<string> {
  const path = join(folder, name);
  await git(folder, "init", "--quiet", "--bare", `${name}.git`);
  await git(folder, "clone", "--quiet", `${name}.git`, name);
  const coordination = await openCoordination({ cwd: path, as: "bench" });
  await init(coordination);
  await joinBoard(coordination);
  await add(coordination, { title: "Task 0" });
  await fill(coordination, tasks - 1);
  return path;
}

async function fill(coordination: Coordination, tasks: number): Promise<void> {
  const board = await boardText(coordination);
  if (!board.ok) throw new Error("the board cannot be read");
  const first = board.value.split("\n").find((line) => line.includes("| T001 |")) ?? "";
  const row = (number: number) =>
    first.replace("T001", `T${String(number).padStart(3, "0")}`).replace("Task 0", `Task ${number}`);
  const rows = Array.from({ length: tasks }, (_, index) => row(index + 2));
  const filled = await apply(coordination, board.value.replace(first, [first, ...rows].join("\n")));
  if (!filled.ok) throw new Error(JSON.stringify(filled.failure));
}

/** What makes each connection to a remote that is a path take so many milliseconds longer, as settings of `origin`. */
export async function slowConnections(folder: string, milliseconds: number): Promise<readonly [string, string][]> {
  const settings = ["upload-pack", "receive-pack"].map(async (program): Promise<[string, string]> => {
    const script = join(folder, `slow-${program}`);
    await writeFile(script, `#!/bin/sh\nsleep ${milliseconds / 1000}\nexec git ${program} "$@"\n`);
    await chmod(script, 0o755);
    return [`remote.origin.${program.replace("-", "")}`, script];
  });
  return Promise.all(settings);
}
