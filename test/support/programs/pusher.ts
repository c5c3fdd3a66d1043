/** Pushes a commit of a board to the remote of a clone. */
import { boardCommit } from "../board-commit.ts";
import { openClone } from "../clone.ts";

const [path = "."] = process.argv.slice(2);
const clone = await openClone({ path, env: process.env as Record<string, string> });
console.log(JSON.stringify(await clone.remote.push(null, await boardCommit(clone.objects, null))));
