import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { until } from "../support/file-signal.ts";
import { pathServer } from "../support/remote-server.ts";
import { findProgram } from "../support/server-program.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { crew, isRunning, said, startRun, untilThere, workshop } from "./support/at-work.ts";
import { coord, coordJson, type Running, type Window } from "./support/command.ts";

/** The environment in which every process sees a wall clock that is so many seconds off; timers are right. */
async function clockOff(seconds: number): Promise<Record<string, string>> {
  const faketime = await findProgram("faketime", [], "faketime");
  const offset = `${seconds > 0 ? "+" : ""}${seconds}`;
  const { stdout } = await promisify(execFile)(faketime, ["--exclude-monotonic", "-f", offset, "env", "-0"]);
  const library = stdout.split("\0").find((line) => line.startsWith("LD_PRELOAD="));
  if (!library) throw new Error("faketime does not say which library it preloads: install faketime 0.9.8 or later");
  return {
    LD_PRELOAD: library.slice("LD_PRELOAD=".length),
    FAKETIME: offset,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    DONT_FAKE_MONOTONIC: "1",
  };
}

const SHORT = { "Lock time": "15s", "Clock tolerance": "1s", "Hand-over grace": "2s" };
const LONG = 60_000;

/** Three machines: the first has the right time, the second is an hour ahead, the third an hour behind. */
async function scene(trust: string) {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const settings = { ...SHORT, "Clock trust": trust };
  const [right, second, third] = await crew(sandbox, server, { windows: 3, clones: 3, settings });
  if (!right || !second || !third) throw new Error("unreachable");
  const off = async ({ id, clone }: Window, seconds: number): Promise<Window> => {
    return { id, clone: { ...clone, env: { ...clone.env, ...(await clockOff(seconds)) } } };
  };
  return { sandbox, server, right, ahead: await off(second, 3600), behind: await off(third, -3600) };
}

test("no live lease is taken by a clock that is wrong or from one, where none is trusted, and the dead are taken over from", async () => {
  const { sandbox, server, right, ahead, behind } = await scene("none");
  // Before the clock that is ahead has dated anything, and long past the expiry by it.
  expect((await coord(sandbox, right, "lock", "early", "--ttl", "10m")).exit).toBe(0);
  for (const asking of [ahead, behind]) {
    const end = await coordJson(sandbox, asking, "lock", "early");
    expect(end, said(end)).toMatchObject({ exit: 3, json: { code: "held", holder: right.id } });
  }
  expect((await coord(sandbox, right, "unlock", "early")).exit).toBe(0);

  const { path, read } = workshop(sandbox);
  const holders: { readonly window: Window; readonly locks: readonly string[]; readonly running: Running }[] = [];
  // The one that is ahead first: it takes the ledger's time with it, and what was granted before would be over by that.
  for (const window of [ahead, right, behind]) {
    const locks = [`${window.id}-a`, `${window.id}-b`];
    const work = `cd '${path}'; echo $$ >pid-${window.id}; ${untilThere("never")}`;
    const running = startRun(sandbox, window, locks, ["sh", "-c", work]);
    holders.push({ window, locks, running });
    await until(`${window.id} to work`, async () => (await read(`pid-${window.id}`)) !== "", LONG);
  }
  /** How often each has renewed so far: each time about a third of the lease's term has gone. */
  const renewals = async () => {
    const format = "--format=%(trailers:key=Coord-Op,key=Coord-Actor,valueonly,separator=%x20)";
    const done = (await sandbox.git(server.path, "log", format, "coordination")).split("\n");
    return holders.map(({ window }) => done.filter((line) => line === `renew ${window.id}`).length);
  };
  const tip = () => readFile(join(server.path, "refs/heads/coordination"), "utf8");
  // All through several terms of the leases, asked again after each renewal.
  while (Math.min(...(await renewals())) < 3) {
    const before = await tip();
    for (const { window: asking } of holders) {
      for (const { window: holding, locks } of holders.filter(({ window }) => window !== asking)) {
        const end = await coordJson(sandbox, asking, "lock", locks[0] ?? "");
        expect(end, said(end)).toMatchObject({ exit: 3, json: { code: "held", holder: holding.id } });
      }
    }
    await until("somebody to renew", async () => (await tip()) !== before, LONG);
  }
  const dead = holders.find(({ window }) => window === right);
  const command = Number(await read(`pid-${right.id}`));
  dead?.running.kill();
  const ends = await Promise.all(
    [ahead, behind].map((window, each) => coordJson(sandbox, window, "lock", dead?.locks[each] ?? "", "--wait", "2m")),
  );
  for (const end of ends) expect(end.exit, said(end)).toBe(0);
  expect(await isRunning(command)).toBe(false);
  for (const lock of dead?.locks ?? []) {
    const { json } = await coordJson(sandbox, right, "log", `lock:${lock}`);
    const taken = json.entries.find(({ evidence }: { evidence: unknown[] }) => evidence.length > 0);
    expect(taken.evidence[0]).toMatchObject({ kind: "observed", holder: right.id, resource: `lock:${lock}` });
  }
}, 180_000);

test("a wrong clock is reported to whoever can tell, where clocks are trusted", async () => {
  const { sandbox, right, ahead, behind } = await scene("synced");
  // The clock that is ahead dates a commit; whoever is behind it sees that.
  for (const [early, late] of [
    [ahead, right],
    [right, behind],
  ] as const) {
    expect((await coord(sandbox, early, "lock", `of-${early.id}`)).exit).toBe(0);
    const told = await coordJson(sandbox, late, "lock", `of-${late.id}`);
    expect(told.json.notices.join()).toContain("ahead of this machine's clock");
    const { checks } = (await coordJson(sandbox, late, "doctor")).json;
    const clock = checks.find(({ name }: { name: string }) => name === "clock");
    expect(clock).toMatchObject({ status: "warn", message: expect.stringContaining("ahead of this machine's clock") });
  }
});
