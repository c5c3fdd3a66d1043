/** Takes the machine's lock, says so, and waits to be killed. */
import { join } from "node:path";
import { FolderLock } from "../../../src/git/machine-lock.ts";
import { systemClock } from "../../../src/git/system.ts";

const [path = ""] = process.argv.slice(2);
const queue = join(path, "queue", "origin", "coordination");
if (await new FolderLock(queue, systemClock).tryAcquire()) console.log("locked");
setInterval(() => {}, 1000);
