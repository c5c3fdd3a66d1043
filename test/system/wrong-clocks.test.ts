import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { until } from "../support/file-signal.ts";
import { pathServer } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { findProgram } from "../support/server-program.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { crew, isRunning, said, startRun, untilThere, workshop } from "./support/at-work.ts";
import { coord, coordJson, type Window } from "./support/command.ts";

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

const SHORT = { "Build lock time": "8s", "Clock tolerance": "1s", "Hand-over grace": "2s" };
const LONG = 60_000;

async function scene(trust: string) {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const settings = { ...SHORT, "Clock trust": trust };
  const windows = (await crew(sandbox, server, { windows: 3, clones: 3, settings })) as [Window, Window, Window];
  const off = (window: Window, env: Record<string, string>): Window => ({
    ...window,
    clone: { ...window.clone, env: { ...window.clone.env, ...env } },
  });
  return { sandbox, windows, off, shop: workshop(sandbox) };
}

/** How often the holder has renewed so far: each time about a third of the lease's term has gone. */
async function renewals(sandbox: Sandbox, window: Window): Promise<number> {
  const { json } = await coordJson(sandbox, window, "log", "lock:build");
  return json.entries.filter(({ op }: { op: string }) => op === "renew").length;
}

describe.each([3600, -3600])("one of three machines whose clock is %i s off", { timeout: 180_000 }, (seconds) => {
  test("takes no live lease when no clock is trusted, and still takes over from the dead", async () => {
    const { sandbox, windows, off, shop } = await scene("none");
    const [ana, bob] = windows;
    const wrong = off(bob, await clockOff(seconds));
    const holder = startRun(sandbox, ana, ["build"], shop.job(ana.id, untilThere("never")));
    await until("the holder to work", async () => (await shop.read("order")) !== "", LONG);
    // All through several terms of the lease, asked again and again.
    while ((await renewals(sandbox, ana)) < 5) {
      const end = await coordJson(sandbox, wrong, "lock", "build");
      expect(end, said(end)).toMatchObject({ exit: 3, json: { code: "held", holder: ana.id } });
    }
    const command = Number(await shop.read(`pid-${ana.id}`));
    holder.kill();
    const end = await coord(sandbox, wrong, "lock", "build", "--wait", "2m");
    expect(end.exit, said(end)).toBe(0);
    expect(await isRunning(command)).toBe(false);
    const { json } = await coordJson(sandbox, ana, "log", "lock:build");
    const taken = json.entries.find(({ evidence }: { evidence: unknown[] }) => evidence.length > 0);
    expect(taken.evidence[0]).toMatchObject({ kind: "observed", holder: ana.id, resource: "lock:build" });
  });

  test("keeps its own lease from others as well, when no clock is trusted", async () => {
    const { sandbox, windows, off, shop } = await scene("none");
    const [ana, bob] = windows;
    const wrong = off(bob, await clockOff(seconds));
    const holder = startRun(sandbox, wrong, ["build"], shop.job(bob.id, untilThere("go")));
    await until("the holder to work", async () => (await shop.read("order")) !== "", LONG);
    while ((await renewals(sandbox, ana)) < 5) {
      const end = await coordJson(sandbox, ana, "lock", "build");
      expect(end, said(end)).toMatchObject({ exit: 3, json: { code: "held", holder: bob.id } });
    }
    await shop.write("go");
    const end = await holder.ended;
    expect(end.exit, said(end)).toBe(0);
  });

  test("is reported to whoever can tell, with clocks that are trusted", async () => {
    const { sandbox, windows, off } = await scene("synced");
    const [ana, bob] = windows;
    const wrong = off(bob, await clockOff(seconds));
    const [late, other] = seconds > 0 ? [ana, wrong] : [wrong, ana];
    // The clock that is ahead dates a commit; whoever is behind sees it.
    expect((await coord(sandbox, other, "lock", "docs")).exit).toBe(0);
    const told = await coordJson(sandbox, late, "lock", "gpu");
    expect(told.json.notices.join()).toContain("ahead of this machine's clock");
    const clock = (await coordJson(sandbox, late, "doctor")).json.checks.find(
      ({ name }: { name: string }) => name === "clock",
    );
    expect(clock).toMatchObject({ status: "warn", message: expect.stringContaining("ahead of this machine's clock") });
  });
});
