// One warm process: says "ready", waits for a line on standard input, claims so many tasks, prints how long each took.
import { once } from "node:events";
import { claim, openCoordination } from "../../dist/index.js";

const [cwd, id, count] = process.argv.slice(2);
const coordination = await openCoordination({ cwd, as: id });
console.log("ready");
await once(process.stdin, "data");
const times = [];
let pushes = 0;
for (let number = 0; number < Number(count); number += 1) {
  const begin = performance.now();
  const outcome = await claim(coordination);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
  times.push(performance.now() - begin);
}
console.log(JSON.stringify({ times, pushes }));
process.exit(0);
