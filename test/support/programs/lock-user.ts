/** Takes the machine's lock over and over, and does alone what fails when somebody else does it at the same time. */
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FolderLock } from "../../../src/git/machine-lock.ts";
import { systemClock } from "../../../src/git/system.ts";

const [path = "", rounds = "0"] = process.argv.slice(2);
const queue = join(path, "queue", "origin", "coordination");
const lock = new FolderLock(queue, systemClock);
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
console.log("ready");
while (!existsSync(join(path, "go"))) await nextTurn();
for (let round = 0; round < Number(rounds); await nextTurn()) {
  const held = await lock.tryAcquire();
  if (!held) continue;
  closeSync(openSync(join(path, "alone"), "wx"));
  await nextTurn();
  rmSync(join(path, "alone"));
  await held.release();
  round += 1;
}
