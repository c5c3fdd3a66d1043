/** Writes a record of a push in flight, says so, and waits to be killed. */
import { FilePendingStore } from "../../../src/git/pending-store.ts";
import { systemClock } from "../../../src/git/system.ts";

const [path = "", opId = ""] = process.argv.slice(2);
const store = new FilePendingStore(
  { folder: { path }, endpoint: { key: "origin" }, branch: "coordination" },
  systemClock,
);
const commit = "c".repeat(40);
await store.put({ opId, subject: "lock build", commit, base: null, startedAt: systemClock.wall() });
console.log("written");
setInterval(() => {}, 1000);
