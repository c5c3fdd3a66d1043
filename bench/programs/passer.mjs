// One warm process: says "ready", waits for a line on standard input, and takes and gives back one lock so many times,
// waiting in line for it.
import { once } from "node:events";
import { join, LedgerFailure, lock, openCoordination, unlock } from "../../dist/index.js";

const [cwd, id, count] = process.argv.slice(2);
const coordination = await openCoordination({ cwd, as: id });

/** Whoever has lost every race asks again: that is part of what a pass takes. */
async function insist(ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof LedgerFailure && error.code === "contention")) throw error;
    }
  }
}

await insist(() => join(coordination));
console.log("ready");
await once(process.stdin, "data");
for (let turn = 0; turn < Number(count); turn += 1) {
  for (const outcome of [
    await insist(() => lock(coordination, { locks: ["baton"], wait: "30m" })),
    await insist(() => unlock(coordination, { locks: ["baton"] })),
  ]) {
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
  }
}
process.exit(0);
