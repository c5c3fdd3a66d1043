// Loaded before the program: counts each of its steps and ends the process with SIGKILL right before the one it is told.
import { openSync, writeSync } from "node:fs";
import { watchSteps } from "./steps.mjs";

const { KILL_AT_STEP, STEPS_FILE } = process.env;
const fatal = KILL_AT_STEP === undefined ? Number.POSITIVE_INFINITY : Number(KILL_AT_STEP);
const note = openSync(STEPS_FILE, "w");
const write = writeSync;
let steps = 0;

await watchSteps({
  before(step) {
    write(note, `${step}\n`);
    steps += 1;
    if (steps === fatal) process.kill(process.pid, "SIGKILL");
  },
});
