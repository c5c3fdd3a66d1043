/** Opens a clone for the first time and fetches, as a window that has just been started does. */
import { openClone } from "../clone.ts";

const [path = "."] = process.argv.slice(2);
const clone = await openClone({ path, env: process.env as Record<string, string> });
console.log(JSON.stringify(await clone.remote.fetch()));
