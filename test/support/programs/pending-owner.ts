/** Writes a record of a push in flight, says so, and waits to be killed. */
import { FilePendingStore } from "../../../src/git/pending-store.ts";
import { systemClock } from "../../../src/git/system.ts";

const [path = ""] = process.argv.slice(2);
const place = { folder: { path }, endpoint: { key: "origin" }, branch: "coordination" };
const store = new FilePendingStore(place, systemClock, async () => {});
await store.put({ commit: "c".repeat(40), base: null, startedAt: systemClock.wall(), requests: [] }, []);
console.log("written");
setInterval(() => {}, 1000);
