// One warm process: says "ready", waits for a line on standard input, claims so many tasks, prints for each how long it
// took (milliseconds) and how many pushes it was (0: another process of the clone pushed it).
import { once } from "node:events";
import { claim, join, openCoordination } from "../../dist/index.js";

const [cwd, id, count] = process.argv.slice(2);
let pushes = 0;
const onSpawn = (args) => {
  if (args.includes("push")) pushes += 1;
};
const coordination = await openCoordination({ cwd, as: id, onSpawn });
await join(coordination);
console.log("ready");
await once(process.stdin, "data");
const claims = [];
for (let number = 0; number < Number(count); number += 1) {
  pushes = 0;
  const begin = performance.now();
  const outcome = await claim(coordination);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
  claims.push({ time: performance.now() - begin, pushes });
}
process.stdout.write(`${JSON.stringify(claims)}\n`, () => process.exit(0));
