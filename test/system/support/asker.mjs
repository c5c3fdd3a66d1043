// One warm process of a clone: asks through the built library what it is told to, and tells what it was answered, and
// when (nanoseconds of the machine's one monotonic clock). Its op ids begin with the name of the question.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const [library, cwd, id] = process.argv.slice(2);
const coord = await import(library);
let name = "";
let drawn = 0;
const random = { opId: () => `${name}-${++drawn}`.padEnd(21, "-"), uniform: Math.random };
const now = () => Number(process.hrtime.bigint());
/** The system's, but that it waits a tenth of the time: those who wait for somebody dead look again by themselves. */
const clock = {
  wall: Date.now,
  monotonic: () => now() / 1e6,
  bootId: () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  sleep: (duration, signal) => pause(duration / 10, undefined, { signal }),
};
const board = await coord.openCoordination({ cwd, as: id, random, clock });

async function answerTo({ call, wish }) {
  try {
    return { outcome: await coord[call](board, wish) };
  } catch (error) {
    if (error instanceof coord.LedgerFailure) return { failed: error.data };
    return { bug: error instanceof Error ? error.stack : String(error) };
  }
}

process.on("message", async (question) => {
  name = question.name;
  drawn = 0;
  const asked = now();
  const answer = await answerTo(question);
  process.send({ ...answer, asked, ended: now() });
});
process.send("ready");
