import { expect, test } from "vitest";
import { openWindow, team, type Window } from "../cli/window.ts";
import { makeClone } from "../support/clone.ts";
import { connect } from "./client.ts";

/** One editor window of the story, however it speaks to the board. What it hears: `ok`, or the refusal's code. */
interface Player {
  id(): string;
  start(): Promise<void>;
  add(title: string, area: string, after?: string): Promise<string>;
  claim(task: string | null, locks?: readonly string[]): Promise<string>;
  lock(name: string): Promise<string>;
  done(task: string): Promise<string>;
  leave(): Promise<void>;
}

const heard = ({ ok, code, task }: { readonly [field: string]: { id?: string } & string }) =>
  ok ? (task?.id ?? "ok") : `${code}`;

function byCommands(window: Window): Player {
  let own = window;
  const ask = async (...args: string[]) => heard(await own.json(...args));
  return {
    id: () => own.env.COORD_ID ?? "",
    async start() {
      own = window.with({ COORD_ID: (await window.json("join")).id });
    },
    add: (title, area, after) => ask("add", title, "--area", area, ...(after ? ["--after", after] : [])),
    claim: (task, locks = []) => ask("claim", ...(task ? [task] : []), ...locks.flatMap((name) => ["--lock", name])),
    lock: (name) => ask("lock", name),
    done: (task) => ask("done", task),
    async leave() {
      await own.json("leave");
    },
  };
}

async function byTools(open: () => ReturnType<typeof connect>): Promise<Player> {
  const connection = await open();
  let id = "";
  const ask = async (name: string, args: Readonly<Record<string, unknown>>) => {
    const result = await connection.call(name, args);
    id = result.id ?? id;
    return heard(result as never);
  };
  return {
    id: () => id,
    start: async () => {},
    add: (title, area, after) => ask("add_task", { title, area, ...(after ? { after: [after] } : {}) }),
    claim: (task, locks = []) => ask("claim_task", { ...(task ? { task } : {}), locks }),
    lock: (name) => ask("acquire_locks", { locks: [name] }),
    done: (task) => ask("complete_task", { task }),
    leave: () => connection.close(),
  };
}

/** The original's 14:30 story (`multi_orchestrator.txt`). Returns what was heard, line by line. */
async function play(open: (number: number) => Promise<Player>): Promise<{ lines: string[]; players: Player[] }> {
  const players: Player[] = [];
  const lines: string[] = [];
  const enter = async () => {
    const player = await open(players.length + 1);
    players.push(player);
    await player.start();
    return player;
  };
  const say = async (what: string, answer: Promise<string>) => void lines.push(`${what}: ${await answer}`);

  const one = await enter();
  await say("queue", one.add("Build the engine", "build"));
  await say("queue", one.add("Write the docs", "docs"));
  await say("queue", one.add("Run the tests", "testing"));
  await say("queue", one.add("World data", "world"));
  await say("queue", one.add("Build the installer", "build", "T001"));
  await say("14:30:00 one claims and locks", one.claim("T001", ["build"]));
  const two = await enter();
  await say("14:30:05 two wants T001", two.claim("T001"));
  await say("14:30:05 two wants the build lock", two.lock("build"));
  await say("14:30:05 two takes the next", two.claim(null));
  const three = await enter();
  await say("14:30:10 three takes the next", three.claim(null));
  await say("14:32:00 one is done", one.done("T001"));
  await say("14:32:00 one goes on", one.claim("T004"));
  const four = await enter();
  await say("14:32:05 four claims the build", four.claim("T005", ["build"]));
  for (const player of players) await player.leave();
  return { lines, players };
}

/** What the branch says: who did what to which resources, with windows instead of ids. */
async function historyOf(window: Window, players: readonly Player[]): Promise<string[]> {
  const { entries } = await window.json("log");
  const nameOf = (actor: string) => players.findIndex((player) => player.id() === actor) + 1 || actor;
  return entries
    .reverse()
    .map(
      (entry: { op: string; actor: string; resources: string[] }) =>
        `${nameOf(entry.actor)} ${entry.op} ${entry.resources.join(" ")}`,
    )
    .slice(1);
}

async function fourClones() {
  const { here, there, sandbox, server } = await team();
  const more = await Promise.all([3, 4].map(() => makeClone(sandbox, server)));
  const windows = [here, there, ...more.map(({ path, env }) => openWindow(sandbox, path, env))];
  const windowOf = (number: number) => windows[number - 1] ?? here;
  return { sandbox, here, windowOf };
}

test("the 14:30 story, played by four MCP clients and by commands, leaves the same kind of history", async () => {
  const commands = await fourClones();
  const byHand = await play(async (number) => byCommands(commands.windowOf(number)));
  const tools = await fourClones();
  const { sandbox, windowOf } = tools;
  const byClients = await play((number) =>
    byTools(() => connect(sandbox, { env: windowOf(number).env, args: ["-C", windowOf(number).path] })),
  );

  expect(byClients.lines).toEqual(byHand.lines);
  expect(byClients.lines.slice(5)).toEqual([
    "14:30:00 one claims and locks: T001",
    "14:30:05 two wants T001: held",
    "14:30:05 two wants the build lock: held",
    "14:30:05 two takes the next: T002",
    "14:30:10 three takes the next: T003",
    "14:32:00 one is done: T001",
    "14:32:00 one goes on: T004",
    "14:32:05 four claims the build: T005",
  ]);
  // An MCP server joins when it first asks for something, refused or not: that is where `join` stands for both.
  const history = await historyOf(tools.here, byClients.players);
  expect(history).toEqual(await historyOf(commands.here, byHand.players));
  expect(history).toContain("4 claim task:T005 lock:build");
  expect(history.slice(-4)).toEqual([
    "1 leave task:T004",
    "2 leave task:T002",
    "3 leave task:T003",
    "4 leave lock:build task:T005",
  ]);
}, 120_000);
