// Loaded before the program: whoever takes the machine's lock while others wait for it draws the next order from the
// folder ORDERS and ends itself with SIGKILL right before the step that stands there. What it died of, or that it lived
// on because it had no such step, it leaves in `told`. Nothing of the program knows of it.
import fs from "node:fs";
import { join } from "node:path";
import { watchSteps } from "./steps.mjs";

const { ORDERS } = process.env;
// As they were: what is done here is no step of the program.
const { openSync, readdirSync, readFileSync, renameSync, writeSync } = fs;
const told = openSync(join(ORDERS, "told"), "a");

/** How long a holder waits for the company that its order wants, at most: milliseconds. */
const PATIENCE = 10_000;
const cell = new Int32Array(new SharedArrayBuffer(4));
const stand = (milliseconds) => Atomics.wait(cell, 0, 0, milliseconds);

/** The order that this holder of the lock has drawn, and how far it has come. */
let own = null;

await watchSteps({
  before(step) {
    const queue = queueTaken(step);
    if (own === null && queue !== null) {
      const order = nextOrder();
      if (order?.step !== 0 || !draw(order, queue)) return;
      own.isHolder = false;
      die(step);
    }
    if (own !== null) count(step);
  },
  after(step) {
    const queue = queueTaken(step);
    if (queue !== null && own === null) begin(queue);
    if (own !== null && step.startsWith(`rename ${own.queue}/lock ${own.queue}/lock.`)) {
      own.isHolder = false;
      // Until it is somebody else's turn in this process: then the next has been called.
      setImmediate(liveOn);
      count("the lock was given back");
    }
  },
});

/** The folder of the queue whose lock is taken by this step; null when it is another step. */
function queueTaken(step) {
  return /^rename (.*)\/lock\.[0-9a-f]+ \1\/lock$/.exec(step)?.[1] ?? null;
}

/** Under the lock: only one process at a time is here. */
function begin(queue) {
  const order = nextOrder();
  // Whose order it is to die before the lock is taken is somebody else.
  if (order === null || order.step === 0) return;
  for (const end = Date.now() + PATIENCE; othersIn(queue) < order.company && Date.now() < end; ) stand(2);
  if (draw(order, queue)) count("the lock was taken");
}

function count(step) {
  own.steps += 1;
  const { order, steps } = own;
  if (order.step === steps || (order.before && new RegExp(order.before).test(step))) die(step);
}

function die(step) {
  // A git that was started goes on without its process; how far it has come when that dies is another story each time.
  if (step.startsWith("started git")) stand(own.order.linger);
  tell("killed", step);
  process.kill(process.pid, "SIGKILL");
}

function liveOn() {
  tell("lived", "");
  own = null;
}

function tell(how, step) {
  const { order, steps, company, isHolder } = own;
  writeSync(told, `${JSON.stringify({ place: order.place, how, steps, step, company, isHolder })}\n`);
}

function nextOrder() {
  const [name] = readdirSync(ORDERS)
    .filter((each) => each.startsWith("order-"))
    .sort();
  try {
    return name === undefined ? null : { name, ...JSON.parse(readFileSync(join(ORDERS, name), "utf8")) };
  } catch {
    return null;
  }
}

/** False when there is nobody who would have to live with it, or when another process was faster. */
function draw(order, queue) {
  const company = othersIn(queue);
  if (company === 0) return false;
  try {
    renameSync(join(ORDERS, order.name), join(ORDERS, `drawn-${order.name}`));
  } catch {
    return false;
  }
  own = { order, queue, company, steps: 0, isHolder: true };
  return true;
}

/** How many other live processes have a job here that nobody has replied to. */
function othersIn(queue) {
  return ["waiting", "taken"].flatMap((place) => jobsIn(join(queue, place))).filter(isOfAnother).length;
}

function jobsIn(folder) {
  try {
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8").split("\n"));
  } catch {
    return [];
  }
}

function isOfAnother([first, ...notes]) {
  try {
    const { pid } = JSON.parse(first).owner;
    return pid !== process.pid && isAlive(pid) && !notes.some((note) => note.startsWith('{"kind":"reply"'));
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
