/** Prints the session of an orchestrator, made when there is none. */
import { FileSessionStore } from "../../../src/git/session-store.ts";

const [path = "", id = ""] = process.argv.slice(2);
const store = new FileSessionStore({ folder: { path }, endpoint: { key: "origin" }, branch: "coordination" });
console.log(await store.obtain(id));
