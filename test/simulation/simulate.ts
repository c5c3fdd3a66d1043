/**
 * One run: windows at work while things go wrong; then the faults stop, every machine has to settle what it left
 * open and get a fresh lock (I10); then the checker judges; and sometimes somebody rewinds the branch (I8).
 */
import type { Actor } from "../../src/domain/request.ts";
import { lock } from "../../src/domain/resource.ts";
import { formatMessage } from "../../src/ledger/entry.ts";
import type { Oid } from "../../src/ledger/ports.ts";
import { BOARD_FILE } from "../../src/ledger/tip.ts";
import { drawBoard, withNote } from "./boards.ts";
import { check } from "./checker.ts";
import { Client, type Habits } from "./client.ts";
import { Machine } from "./machine.ts";
import { short } from "./network.ts";
import { Rng } from "./random.ts";
import type { Call, Violation } from "./record.ts";
import { REAL, type Rules } from "./rules.ts";
import { World } from "./world.ts";

export interface Run {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly trace: readonly string[];
  readonly events: number;
  /** The last commit: two runs of one seed end on the same. */
  readonly tip: Oid | null;
  readonly calls: readonly Call[];
  /** Of the commits in the chain, as they stood when the faults had stopped. */
  readonly messages: readonly string[];
}

/** The clocks of machines are at most so far off, each way: milliseconds. */
export const MOST_SKEW = 1900;

/** Wednesday, 21 January 2026, 14:30 UTC. */
export const BEGIN = Date.UTC(2026, 0, 21, 14, 30);
/** Longer than anything stays under way: see network.ts. */
const ALL_LANDED = 10_000;
/** Longer than a server holds its lock. */
const UNLOCKED = 1_000;

export async function simulate(seed: number, rules: Rules = REAL, traced = false): Promise<Run> {
  const world = new World(seed, rules, traced);
  const { rng, scheduler } = world;
  const text = drawBoard(rng);
  const machines = makeMachines(world);
  const isFounded = rng.chance(0.9);
  if (isFounded) foundAtOnce(world, text);
  if (rng.chance(0.15)) scheduler.at(rng.between(0, 8000), () => editByHand(world));
  const clients = makeClients(world, machines, isFounded ? null : text);

  const violations: Violation[] = [];
  let messages: readonly string[] = [];
  let isOver = false;
  const story = async () => {
    await Promise.all(clients.map((client) => client.work()));
    await finale(world, machines, text, violations);
    isOver = true;
  };
  const told = story();
  try {
    await scheduler.run();
    if (!isOver) throw new Error("something waits for ever");
    await told;
    violations.unshift(...(await check(world, machines)));
    messages = world.objects.chain(world.server.tip).map((oid) => world.objects.get(oid).commit.message);
    if (rng.chance(0.1)) violations.push(...(await rewind(world, machines)));
  } catch (error) {
    violations.push({ invariant: "bug", what: String(error instanceof Error ? error.stack : error) });
  }
  const { trace, server, calls } = world;
  return { seed, violations, trace: trace ?? [], events: scheduler.events, tip: server.tip, calls, messages };
}

function makeMachines({ rng, objects }: World): readonly Machine[] {
  const skew = rng.pick([0, 500, MOST_SKEW]);
  return Array.from({ length: rng.pick([1, 2, 2, 3, 4]) }, (_, index) => {
    const start = BEGIN + Math.floor(rng.between(-skew, skew));
    return new Machine(`m${index + 1}`, objects, { start, grain: rng.pick([1, 1, 1000, 2000]) });
  });
}

const NAMES = ["ada", "bob", "cy", "dee"];

function makeClients(world: World, machines: readonly Machine[], founds: string | null): readonly Client[] {
  const { rng } = world;
  const actors: Actor[] = [];
  const pause = rng.pick([50, 1000, 8000, 20_000]);
  const clients = Array.from({ length: rng.pick([2, 2, 3, 3, 4]) }, (_, index) => {
    const machine = rng.pick(machines);
    const name = rng.chance(0.3) ? (actors.at(-1)?.id ?? "ada") : (NAMES[index] as string);
    // The same name on another machine is another session, unless somebody copied the secret.
    const session = rng.chance(0.5) ? `s-${name}-${machine.name}` : `s-${name}`;
    const actor: Actor = { id: name, session, host: machine.name };
    actors.push(actor);
    const habits: Habits = {
      name: `w${index + 1}`,
      actor,
      commands: rng.whole(2, 5),
      stays: rng.chance(0.4),
      works: rng.chance(0.12) ? 0.6 : 0,
      pause,
      founds: founds !== null && (index === 0 || rng.chance(0.6)) ? founds : null,
    };
    const seed = rng.whole(0, 1e9);
    const client = new Client(world, machine, habits, new Rng(seed));
    // Sometimes two windows of one orchestrator do the same things at the same moment, here or on a copied machine.
    if (!rng.chance(0.07)) return [client];
    const place = rng.chance(0.5) ? machine : rng.pick(machines);
    return [client, new Client(world, place, { ...habits, name: `twin${index + 1}` }, new Rng(seed))];
  });
  return clients.flat();
}

const PERSON = { name: "A Person", email: "person@example.invalid" };

export function foundAtOnce({ objects, server }: World, text: string): void {
  const entry = {
    op: "init",
    opId: "init",
    actor: "founder",
    at: BEGIN,
    seq: 1,
    resources: [],
    evidence: [],
    request: null,
  } as const;
  const message = formatMessage("init: coordination board", "", entry, null);
  const commit = {
    parent: null,
    files: new Map([[BOARD_FILE, text]]),
    author: PERSON,
    committer: PERSON,
    at: BEGIN,
    message,
  };
  server.land(0, objects.write(commit));
}

/** Somebody writes a note on the board with an editor and pushes it: a commit without trailers. */
function editByHand(world: World): void {
  const { objects, server, scheduler } = world;
  if (server.tip === null || server.locked) return;
  const text = objects.get(server.tip).files.get(BOARD_FILE) ?? "";
  const files = new Map([[BOARD_FILE, withNote(text)]]);
  const at = BEGIN + scheduler.now;
  const commit = { parent: server.tip, files, author: PERSON, committer: PERSON, at, message: "a note\n" };
  server.land(scheduler.now, objects.write(commit));
  world.note(() => `a person edits the board: ${short(server.tip)}`);
}

/** I10: when faults stop, everything pending settles and a fresh claim succeeds. */
async function finale(
  world: World,
  machines: readonly Machine[],
  text: string,
  violations: Violation[],
): Promise<void> {
  const { network, scheduler, rng } = world;
  network.calm = true;
  world.note(() => "the faults stop");
  // What is under way may have landed before, or lands in the middle.
  await scheduler.wait(rng.chance(0.5) ? ALL_LANDED : UNLOCKED);
  for (const machine of machines) {
    const client = lateComer(world, machine);
    if (world.server.tip === null) await client.found(text);
    const { outcome } = await client.ask([client.request(freshLock(machine))]);
    const granted = outcome.kind === "answers" && outcome.answers[0]?.verdict.kind === "granted";
    if (!granted)
      violations.push({
        invariant: "I10",
        what: `on ${machine.name} a fresh lock is not granted: ${JSON.stringify(outcome)}`,
      });
    const left = [...machine.pending.keys()].join(", ");
    if (left !== "") violations.push({ invariant: "I10", what: `on ${machine.name} something stays pending: ${left}` });
  }
}

function lateComer(world: World, machine: Machine): Client {
  const actor: Actor = { id: `last-${machine.name}`, session: "s-last", host: machine.name };
  return new Client(
    world,
    machine,
    { name: "last", actor, commands: 0, stays: false, works: 0, pause: 0, founds: null },
    world.rng.fork(),
  );
}

const freshLock = ({ name }: Machine) =>
  ({ op: "acquire", resources: [lock(`last-${name}`)], ttl: null, reason: null }) as const;

/** I8: the branch is force-pushed back, or deleted. Whoever knows better is alarmed, and changes nothing. */
async function rewind(world: World, machines: readonly Machine[]): Promise<readonly Violation[]> {
  const { server, objects, scheduler, rng } = world;
  const chain = objects.chain(server.tip);
  server.tip = rng.chance(0.3) ? null : rng.pick(chain.slice(0, -1));
  world.note(() => `somebody moves the branch back to ${short(server.tip)}`);
  const violations: Violation[] = [];
  for (const machine of machines) {
    const [known, there] = [machine.tip, server.tip];
    if (known === null || (there !== null && objects.isAncestor(known, there))) continue;
    const client = lateComer(world, machine);
    const asked = client.ask([client.request(freshLock(machine))]);
    await scheduler.run();
    const { outcome } = await asked;
    const isAlarmed = outcome.kind === "failed" && outcome.code === "rewritten";
    if (!isAlarmed)
      violations.push({ invariant: "I8", what: `${machine.name} is not alarmed: ${JSON.stringify(outcome)}` });
    if (machine.tip !== known)
      violations.push({ invariant: "I8", what: `${machine.name} went from ${short(known)} to ${short(machine.tip)}` });
    if (server.tip !== there) violations.push({ invariant: "I8", what: `${machine.name} wrote to a rewritten branch` });
  }
  return violations;
}
