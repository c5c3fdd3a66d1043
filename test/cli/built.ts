import { execFile } from "node:child_process";
import { open, readFile, rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The program as it is shipped. */
export const PROGRAM = fileURLToPath(new URL("../../dist/git-coord.cjs", import.meta.url));

const LOCK = fileURLToPath(new URL("../../node_modules/.git-coord-build", import.meta.url));
const READY = fileURLToPath(new URL("../../scripts/ready.mjs", import.meta.url));

let ready: Promise<void> | undefined;

/** Builds the program when its sources are newer. Test files that need it at the same moment take turns. */
export function built(): Promise<void> {
  ready ??= buildInTurn();
  return ready;
}

async function buildInTurn(): Promise<void> {
  while (!(await takeTurn())) await pause(50);
  try {
    await promisify(execFile)(process.execPath, [READY]);
  } finally {
    await rm(LOCK, { force: true });
  }
}

async function takeTurn(): Promise<boolean> {
  try {
    const file = await open(LOCK, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const owner = Number(await readFile(LOCK, "utf8").catch(() => ""));
    if (owner > 0 && !isAlive(owner)) await rm(LOCK, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
