import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GitObjectStore } from "../../src/git/object-store.ts";
import { replay } from "../../src/history/replay.ts";
import { readEntry } from "../../src/ledger/entry.ts";
import { readTip, type Tip } from "../../src/ledger/tip.ts";
import { prepareProgram } from "../support/program.ts";
import { pathServer } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { LIBRARY } from "./support/command.ts";
import { assemble } from "./support/fleet.ts";
import { freshHistory, type History } from "./support/history.ts";
import type { Report } from "./support/report.ts";
import { allow, PROVE, scale } from "./support/scale.ts";

const PROCESSES = 8;
const OPERATIONS = scale(8, 200);

/** Lets the processes work on one board, each in a clone of its own, and returns what they reported. */
async function work() {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const windows = await assemble(sandbox, server, { windows: PROCESSES, tasks: 10 });
  const before = (await freshHistory(sandbox, server)).links.length;
  const startDriver = await prepareProgram(sandbox, new URL("./support/driver.ts", import.meta.url));
  const logs = await Promise.all(
    windows.map(async ({ clone, id }, each) => {
      const log = join(sandbox.path, `${id}.log`);
      await writeFile(log, "");
      const env = { ...clone.env, TMPDIR: sandbox.path };
      await startDriver(env, LIBRARY, clone.path, id, String(OPERATIONS), String(each + 1), log).output();
      return (await readFile(log, "utf8")).trimEnd().split("\n");
    }),
  );
  const reports = logs.flat().map((line) => JSON.parse(line) as Report);
  return { reports, before, history: await freshHistory(sandbox, server) };
}

/** Replays each commit's request on its parent's board. Returns the subjects of those that do not give its board. */
async function notReplaying({ path, links }: History): Promise<string[]> {
  const objects = new GitObjectStore(path);
  const strange: string[] = [];
  let parent: Tip | null = null;
  for (const { commit } of links) {
    const tip: Tip = await readTip(objects, commit);
    const { message } = await objects.readCommit(commit);
    const reading = readEntry(message);
    const result = parent && reading.kind === "entry" ? await replay(parent, reading.entry, tip.text) : null;
    if (parent && result?.kind !== "same") strange.push(`${message.split("\n")[0]}: ${result?.kind ?? reading.kind}`);
    parent = tip;
  }
  return strange;
}

test(
  `${PROCESSES} processes, ${OPERATIONS} random operations each: the chain holds what they were told, and replays`,
  async () => {
    const { reports, before, history } = await work();
    expect(reports).toHaveLength(PROCESSES * OPERATIONS);

    const inChain = history.links.slice(before).map(({ opId, commit }) => [opId, commit]);
    const toldDone = reports.flatMap(({ told, opIds }) => (told.kind === "done" ? [[opIds[0], told.commit]] : []));
    // Every success once, with its commit, and besides them nothing: no refusal, no "already so", no barrier.
    expect(inChain.toSorted()).toEqual(toldDone.toSorted());
    // Else the operations were not those of a fleet at work.
    const kinds = new Set(reports.map(({ told }) => told.kind));
    expect(kinds).toEqual(new Set(["done", "already_so", "refused"]));

    expect(await notReplaying(history)).toEqual([]);
  },
  allow(PROVE ? 40 : 2),
);
