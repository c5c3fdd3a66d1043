/**
 * The group commit with real processes (DESIGN 7): whoever holds the machine's lock while others wait for it is killed,
 * over and over, before each of its steps. What they all were told is judged as in the simulation.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Chain, trailer } from "../simulation/chain.ts";
import { checkCalls } from "../simulation/checker.ts";
import { Rng } from "../simulation/random.ts";
import type { Call } from "../simulation/record.ts";
import { processesOf, until } from "../support/file-signal.ts";
import { pathServer } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { Asker, type Wish } from "./support/asker.ts";
import { askCold } from "./support/cold-asker.ts";
import { coordJson, type Window } from "./support/command.ts";
import { assemble, taskId } from "./support/fleet.ts";
import { giveOrders, type Note } from "./support/orders.ts";
import { eachKind, everyStep, isKillOfHolder, KINDS_OF_STEPS, kindOf, type Plan } from "./support/plans.ts";
import { readChain } from "./support/real-chain.ts";
import { allow, PROVE, scale } from "./support/scale.ts";

/** Of those who held the lock. `npm test` kills before each kind of step once, `npm run prove` before each step. */
const KILLS = scale(KINDS_OF_STEPS.length, 500);
const ASKERS = 6;
/** In each round at most, so that some live to tell. */
const DEATHS = 4;
/** In one clone, before everything is looked at and another one is made. At full size the last is one of commands. */
const ROUNDS = 12;

/**
 * Warm processes of one clone, and commands from its shell, some of which die.
 * @param reads what says whether there is something new: git, or the file of the ref
 */
async function scene(rng: Rng, plan: Plan, reads: "git" | "the file") {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const windows = await assemble(sandbox, server, { windows: ASKERS, oneClone: true, tasks: 2 });
  const { clone } = windows[0] as Window;
  // Once a program is named, only git knows who answers there.
  if (reads === "git") await sandbox.git(clone.path, "config", "remote.origin.uploadpack", "git-upload-pack");
  const orders = await giveOrders(sandbox);
  // What a killed process has started outlives it.
  sandbox.defer(() => until("every git to end", async () => (await processesOf(sandbox.path)).length === 0));
  const askers = windows.map((window) => new Asker(sandbox, server, window, orders.how));
  const before = (await readChain(sandbox, server)).links.length;
  const calls: Call[] = [];

  /** What others want, too, and what nobody else wants. */
  const wishOf = (each: number): Wish =>
    rng.pick<Wish>([
      { call: "lock", wish: { locks: [`own-${each}`] } },
      { call: "lock", wish: { locks: [`own-${each}`], files: [`src/${each}.ts`] } },
      { call: "lock", wish: { files: [rng.pick(["src/", "docs/", "docs/a.md"])] } },
      { call: "lock", wish: { locks: [rng.pick(["build", "deploy"])] } },
      { call: "claim", wish: { task: taskId(rng.whole(1, 2)) } },
    ]);

  /** Each asks for something, and then gives back what it has. */
  async function warm(name: string): Promise<Call[]> {
    const calls = await Promise.all(
      askers.map(async (asker, each) => {
        const first = await asker.ask(`${name}-${each}-a`, wishOf(each));
        return first.outcome.kind === "crashed" ? [first] : [first, await asker.ask(`${name}-${each}-b`, after(first))];
      }),
    );
    return calls.flat();
  }

  function cold(name: string): Promise<Call[]> {
    const ids = Array.from({ length: ASKERS }, (_, each) => `${name}-cold-${each}`);
    return Promise.all(ids.map((id) => askCold(sandbox, { clone, id }, orders.how)));
  }

  /**
   * All ask in the same moment, and some die. Then somebody asks in peace, and writes: what the dead have left is gone.
   * @returns who died of what
   */
  async function round(name: string, ask: typeof warm): Promise<readonly Note[]> {
    await Promise.all(askers.map((asker) => asker.ready()));
    await orders.give(plan.next(ASKERS - 1));
    calls.push(...(await ask(name)));
    const notes = await orders.withdraw();
    plan.learn(notes);
    const [first] = askers as [Asker];
    await first.ready();
    calls.push(await first.ask(`${name}-peace`, { call: "lock", wish: { locks: [`peace-${name}`] } }));
    expect(await leftovers(clone), `${name}: ${JSON.stringify(notes)}`).toEqual([]);
    return notes;
  }

  /** The chain holds what they were told, and it is sound. Nobody but the dead went without an answer. */
  async function look(): Promise<readonly Call[]> {
    const living = calls.filter(({ outcome }) => outcome.kind !== "crashed");
    expect([...new Set(living.map(({ outcome }) => outcome.kind))]).toEqual(["answers"]);
    const chain = await readChain(sandbox, server);
    const known = calls.map((call) => withOpId(call, chain));
    const violations: string[] = [];
    await checkCalls(chain, known, (invariant, what) => violations.push(`${invariant}: ${what}`));
    expect(violations).toEqual([]);
    // Of those who were never told, too: once at most, and nothing that nobody asked for.
    const opIds = chain.links.slice(before).flatMap(({ message, opId }) => {
      return trailer(message, "Coord-Op") === "barrier" ? [] : [opId];
    });
    expect(opIds.length).toBe(new Set(opIds).size);
    expect(known.flatMap(({ requests }) => requests.map(({ opId }) => opId))).toEqual(expect.arrayContaining(opIds));
    for (const repository of [server.path, join(clone.path, ".git", "coord", "repo.git")]) {
      await sandbox.git(repository, "fsck", "--strict", "--full", "--no-dangling");
    }
    const { exit, json } = await coordJson(sandbox, { clone, id: "auditor" }, "verify");
    expect({ exit, findings: json.findings }).toEqual({ exit: 0, findings: [] });
    return calls;
  }

  return { round, warm, cold, look, end: () => sandbox.dispose() };
}

function after({ outcome }: Call): Wish {
  const verdict = outcome.kind === "answers" ? outcome.answers[0]?.verdict : undefined;
  if (verdict?.kind === "granted" && verdict.grant.op === "claim")
    return { call: "release", wish: verdict.grant.task.id };
  return { call: "unlock", wish: { all: true } };
}

/** Records, jobs and locks that lie about although nobody asks for anything. */
async function leftovers({ path }: Window["clone"]): Promise<string[]> {
  const queue = join(path, ".git", "coord", "queue", "origin", "coordination");
  const names = await readdir(queue);
  const jobs = await Promise.all(["waiting", "taken"].map((place) => readdir(join(queue, place))));
  return [...names.filter((name) => !/^(waiting|taken|unsynced|lock\.[0-9a-f]+)$/.test(name)), ...jobs.flat()];
}

/** Only the chain knows the op id of a command from a shell: whoever gave it asked for nothing else. */
function withOpId(call: Call, { links }: Chain): Call {
  if (call.requests.length > 0) return call;
  const own = links.filter(({ message }) => trailer(message, "Coord-Actor") === call.process);
  expect(own.length, call.process).toBeLessThanOrEqual(1);
  return { ...call, requests: [{ opId: own[0]?.opId ?? "" }] };
}

/** How often holders died before each kind of step. */
function tally(notes: readonly Note[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of notes.map(kindOf).sort()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

test(
  `kill -9 of whoever holds the machine's lock while others wait, ${KILLS} times: they get their answers, and I1 to I5 hold`,
  async () => {
    const rng = new Rng(1);
    const [kinds, steps] = [eachKind(DEATHS, rng), everyStep(DEATHS, rng)];
    const calls: Call[] = [];
    const notes: Note[] = [];
    const killed = () => notes.filter(isKillOfHolder);
    for (let clones = 0; killed().length < KILLS && clones < KILLS / ROUNDS; clones += 1) {
      // Some kinds come once in hundreds of steps, and are met on purpose first.
      const met = new Set(killed().map(kindOf));
      const areMet = PROVE && KINDS_OF_STEPS.every((kind) => met.has(kind));
      const { round, warm, cold, look, end } = await scene(rng, areMet ? steps : kinds, areMet ? "the file" : "git");
      for (let number = 1; number <= ROUNDS && killed().length < KILLS; number += 1)
        notes.push(...(await round(`r${number}`, PROVE && number === ROUNDS ? cold : warm)));
      calls.push(...(await look()));
      await end();
    }
    if (PROVE) console.log(tally(killed()), tally(notes.filter((note) => !isKillOfHolder(note))));

    expect(killed().length).toBeGreaterThanOrEqual(KILLS);
    expect(Object.keys(tally(killed()))).toEqual(expect.arrayContaining(KINDS_OF_STEPS));
    const dead = calls.filter(({ outcome }) => outcome.kind === "crashed");
    expect(dead.length).toBe(notes.filter(({ how }) => how === "killed").length);
    if (!PROVE) return;
    // Of what the dead had pushed some had landed, and some never will.
    const ends = calls.flatMap(({ outcome }) => (outcome.kind === "answers" ? outcome.settled : []));
    expect(new Set(ends.map(({ outcome }) => outcome))).toEqual(new Set(["landed", "never_landed"]));
  },
  allow(PROVE ? 40 : 4),
);
