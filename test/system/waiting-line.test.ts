import { describe, expect, test } from "vitest";
import { parseBoard } from "../../src/board/index.ts";
import { boardSeen } from "../support/board-seen.ts";
import { until } from "../support/file-signal.ts";
import { pathServer } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { crew, said, startRun, untilThere, workshop } from "./support/at-work.ts";
import type { Window } from "./support/command.ts";
import { freshHistory } from "./support/history.ts";
import { allow, scale } from "./support/scale.ts";

const RUNS = scale(5, 20);
const CLONES = scale(3, 10);
const LONG = 120_000;

describe("real processes of run --wait", () => {
  test(
    `${RUNS} on one lock in ${CLONES} clones: one at a time, in the order of the line, and all are served`,
    async () => {
      const sandbox = await testSandbox();
      const server = await pathServer(sandbox);
      const windows = await crew(sandbox, server, { windows: RUNS, clones: CLONES });
      const shop = workshop(sandbox);
      const [first, ...others] = windows as [Window, ...Window[]];
      const holder = startRun(sandbox, first, ["build"], shop.job(first.id, untilThere("go")));
      await until("the first to work", async () => (await shop.read("order")) !== "", LONG);
      const waiting = others.map((window) =>
        startRun(sandbox, window, ["build", "--wait", "20m"], shop.job(window.id, "sleep 0.05")),
      );
      const inLine = async () => (await boardSeen(server)).waiters.map(({ orchestrator }) => orchestrator);
      await until("all others to stand in line", async () => (await inLine()).length === others.length, LONG);
      const line = await inLine();
      await shop.write("go");
      const ends = await Promise.all([holder, ...waiting].map(({ ended }) => ended));

      expect(
        ends.map(({ exit }) => exit),
        ends.map(said).join("\n"),
      ).toEqual(windows.map(() => 0));
      expect(await shop.read("collisions")).toBe("");
      expect((await shop.read("order")).trim().split("\n")).toEqual([first.id, ...line]);
      const { links } = await freshHistory(sandbox, server);
      const count = (op: string) => links.filter((link) => link.op === op).length;
      // Merely waiting costs nothing: one commit to enter, one to take, one to give back.
      expect({ wait: count("wait"), acquire: count("acquire"), unlock: count("unlock") }).toEqual({
        wait: others.length,
        acquire: RUNS,
        unlock: RUNS,
      });
    },
    allow(RUNS),
  );

  const SLOTS = 3;
  const PLACES = scale(5, 8);
  test(
    `${SLOTS} of ${PLACES} hold a lock with ${SLOTS} slots at once, and never more in any commit`,
    async () => {
      const sandbox = await testSandbox();
      const server = await pathServer(sandbox);
      const settings = { "lock:gpu": `${SLOTS} slots, fleet` };
      const windows = await crew(sandbox, server, { windows: PLACES, clones: scale(2, 4), settings });
      const shop = workshop(sandbox);
      // Each command goes on until it is told, so that all slots are full at the same time.
      const command = (id: string) => ["sh", "-c", `cd '${shop.path}'; echo ${id} >>order; ${untilThere("go")}`];
      const runs = windows.map((window) => startRun(sandbox, window, ["gpu", "--wait", "20m"], command(window.id)));
      const state = async () => {
        const { leases, waiters } = await boardSeen(server);
        return `${leases.length} hold, ${waiters.length} wait`;
      };
      const full = `${SLOTS} hold, ${PLACES - SLOTS} wait`;
      await until(full, async () => (await state()) === full, LONG);
      expect((await shop.read("order")).trim().split("\n")).toHaveLength(SLOTS);
      await shop.write("go");
      const ends = await Promise.all(runs.map(({ ended }) => ended));
      expect(
        ends.map(({ exit }) => exit),
        ends.map(said).join("\n"),
      ).toEqual(windows.map(() => 0));

      const { path, links } = await freshHistory(sandbox, server);
      const holders: number[] = [];
      for (const { commit } of links) {
        const reading = parseBoard(await sandbox.git(path, "show", `${commit}:master_coordination.md`));
        if (!reading.ok) throw new Error(`the board of ${commit} cannot be read`);
        holders.push(reading.board.leases.filter(({ resource }) => resource.name === "gpu").length);
      }
      expect(Math.max(...holders)).toBe(SLOTS);
      expect(holders.at(-1)).toBe(0);
    },
    allow(PLACES),
  );
});
