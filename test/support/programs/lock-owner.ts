/** Takes the machine's lock, says so, and waits to be killed. */
import { FolderLock } from "../../../src/git/machine-lock.ts";
import { systemClock } from "../../../src/git/system.ts";

const [path = ""] = process.argv.slice(2);
const place = { folder: { path }, endpoint: { key: "origin" }, branch: "coordination" };
if (await new FolderLock(place, systemClock).tryAcquire()) console.log("locked");
setInterval(() => {}, 1000);
