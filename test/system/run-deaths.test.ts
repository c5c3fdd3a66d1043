import { rename } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { boardSeen } from "../support/board-seen.ts";
import { until } from "../support/file-signal.ts";
import { pathServer } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { crew, isRunning, said, startRun, untilThere, workshop } from "./support/at-work.ts";
import { coord, coordJson, type Window } from "./support/command.ts";

/** Leases short enough to see them end. */
const SHORT = { "Build lock time": "6s", "Clock tolerance": "1s", "Hand-over grace": "2s" };
const LONG = 60_000;

async function scene(settings: Readonly<Record<string, string>> = SHORT) {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const windows = (await crew(sandbox, server, { windows: 3, clones: 3, settings })) as [Window, Window, Window];
  const shop = workshop(sandbox);
  const run = (window: Window, work: string, ...options: string[]) =>
    startRun(sandbox, window, ["build", ...options], shop.job(window.id, work));
  const pidOf = async (window: Window) => Number(await shop.read(`pid-${window.id}`));
  const atWork = async (window: Window) => {
    await until(`${window.id} to work`, async () => (await pidOf(window)) > 0, LONG);
    return pidOf(window);
  };
  const gone = (pid: number) => until(`process ${pid} to end`, async () => !(await isRunning(pid)), LONG);
  const held = async () => (await boardSeen(server)).leases[0];
  const inLine = async () => (await boardSeen(server)).waiters.length;
  return { sandbox, server, windows, shop, run, pidOf, atWork, gone, held, inLine };
}

describe("a command that runs under a lock", { timeout: 180_000 }, () => {
  test("ends when its holder is killed, and whoever waits gets the lock then", async () => {
    const { windows, shop, run, atWork, gone, inLine } = await scene();
    const [ana, bob] = windows;
    const holder = run(ana, untilThere("never"));
    const command = await atWork(ana);
    const next = run(bob, "true", "--wait", "10m");
    await until("the other to stand in line", async () => (await inLine()) === 1, LONG);
    process.kill(holder.process.pid as number, "SIGKILL");
    await gone(command);
    const end = await next.ended;
    expect(end.exit, said(end)).toBe(0);
    expect(await shop.read("collisions")).toBe("");
  });

  test("gives the lock back when it is killed itself, with the exit code of shells", async () => {
    const { windows, run, atWork, held } = await scene();
    const holder = run(windows[0], untilThere("never"));
    process.kill(await atWork(windows[0]), "SIGKILL");
    const end = await holder.ended;
    expect(end.exit, said(end)).toBe(137);
    expect(await held()).toBeUndefined();
  });

  test("hears the signals that are meant for it; what it leaves running ends with it", async () => {
    const { windows, shop, run, atWork, gone, held } = await scene();
    const [ana] = windows;
    const work = "sleep 600 & echo $! >left; trap 'echo heard >heard; exit 7' INT; while :; do sleep 0.1; done";
    const holder = run(ana, work);
    await atWork(ana);
    await until("the command to have started another", async () => (await shop.read("left")) !== "", LONG);
    process.kill(holder.process.pid as number, "SIGINT");
    const end = await holder.ended;
    expect(end.exit, said(end)).toBe(7);
    expect(await shop.read("heard")).toBe("heard\n");
    await gone(Number(await shop.read("left")));
    expect(await held()).toBeUndefined();
  });

  test("is dead when its holder, stopped past the expiry, wakes up; and its fence is refused", async () => {
    const { sandbox, windows, shop, run, atWork, gone, inLine, held } = await scene();
    const [ana, bob] = windows;
    const holder = run(ana, untilThere("never"));
    const command = await atWork(ana);
    const before = await held();
    const next = run(bob, untilThere("go"), "--wait", "10m");
    await until("the other to stand in line", async () => (await inLine()) === 1, LONG);
    process.kill(holder.process.pid as number, "SIGSTOP");
    // Nobody told it to: the holder stands still. Its lease cannot have been renewed after this.
    await gone(command);
    await atWork(bob);
    process.kill(holder.process.pid as number, "SIGCONT");
    const end = await holder.ended;
    expect(end.exit, said(end)).toBe(5);
    expect(end.stderr).toContain("lock:build");
    expect((await held())?.fence).toBeGreaterThan(before?.fence ?? Infinity);
    const renewal = await coordJson(sandbox, ana, "unlock", "build");
    expect(renewal).toMatchObject({ exit: 5, json: { code: "lost", holder: bob.id } });
    await shop.write("go");
    expect((await next.ended).exit).toBe(0);
    expect(await shop.read("collisions")).toBe("");
  });

  test("is ended, exit 5, when somebody breaks its lock", async () => {
    const { sandbox, windows, run, atWork, gone } = await scene();
    const [ana, bob] = windows;
    const holder = run(ana, untilThere("never"));
    const command = await atWork(ana);
    expect((await coord(sandbox, bob, "break", "build", "--force", "--reason", "urgent")).exit).toBe(0);
    const end = await holder.ended;
    expect(end.exit, said(end)).toBe(5);
    await gone(command);
  });

  test("whose lock was broken leaves alone what its own id has locked since", async () => {
    const { sandbox, windows, run, atWork, held } = await scene();
    const [ana, bob] = windows;
    const holder = run(ana, untilThere("never"));
    await atWork(ana);
    // Stopped, so that it learns of the break only when its id holds the lock again.
    process.kill(holder.process.pid as number, "SIGSTOP");
    expect((await coord(sandbox, bob, "break", "build", "--force", "--reason", "urgent")).exit).toBe(0);
    expect((await coord(sandbox, ana, "lock", "build", "--ttl", "10m")).exit).toBe(0);
    const again = await held();
    process.kill(holder.process.pid as number, "SIGCONT");
    const end = await holder.ended;
    expect(end.exit, said(end)).toBe(5);
    expect((await held())?.fence).toBe(again?.fence);
  });

  test("ends before its lease does when the remote cannot be reached any more", async () => {
    const { server, windows, run, atWork, gone, held } = await scene();
    const holder = run(windows[0], untilThere("never"));
    const command = await atWork(windows[0]);
    await rename(server.path, `${server.path}.away`);
    // The latest expiry that the server has granted: nothing has reached it since.
    await gone(command);
    const endedAt = Date.now();
    const end = await holder.ended;
    await rename(`${server.path}.away`, server.path);
    const lease = await held();
    expect(end.exit, said(end)).toBe(5);
    expect(end.stderr).toContain("could not be renewed in time");
    expect(endedAt).toBeLessThan(lease?.expires ?? 0);
  });

  test("keeps its lock as long as it runs, many times the lease's length, with one fence", async () => {
    const { windows, run, atWork, held, shop } = await scene({ ...SHORT, "Build lock time": "8s" });
    const [ana] = windows;
    const holder = run(ana, untilThere("go"));
    await atWork(ana);
    const first = await held();
    const isLater = async () => ((await held())?.expires ?? 0) > (first?.expires ?? Infinity) + 8000;
    await until("the lease to have outlived its first term", isLater, LONG);
    expect((await held())?.fence).toBe(first?.fence);
    await shop.write("go");
    expect((await holder.ended).exit).toBe(0);
  });
});

describe("somebody in line", { timeout: 180_000 }, () => {
  test("who is killed costs the others only the grace", async () => {
    const { windows, shop, run, atWork, inLine } = await scene({ "Hand-over grace": "2s" });
    const [ana, bob, eve] = windows;
    const holder = run(ana, untilThere("go"));
    await atWork(ana);
    const dead = run(bob, "true", "--wait", "10m");
    await until("one to stand in line", async () => (await inLine()) === 1, LONG);
    const next = run(eve, "true", "--wait", "10m");
    await until("two to stand in line", async () => (await inLine()) === 2, LONG);
    dead.kill();
    await dead.ended;
    await shop.write("go");
    expect((await holder.ended).exit).toBe(0);
    const begun = Date.now();
    const end = await next.ended;
    expect(end.exit, said(end)).toBe(0);
    // Far less than the clock tolerance of half a minute that a newcomer would have to allow for.
    expect(Date.now() - begun).toBeLessThan(25_000);
    expect(await shop.read("order")).toBe(`${ana.id}\n${eve.id}\n`);
  });

  test("who gives up by SIGINT or SIGTERM leaves the line", async () => {
    const { windows, run, atWork, inLine, shop } = await scene({});
    const [ana, bob] = windows;
    const holder = run(ana, untilThere("go"));
    await atWork(ana);
    for (const [signal, exit] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const waiting = run(bob, "true", "--wait", "10m");
      await until(`one to stand in line, before ${signal}`, async () => (await inLine()) === 1, LONG);
      process.kill(waiting.process.pid as number, signal);
      const end = await waiting.ended;
      expect(end.exit, `${signal}: ${said(end)}`).toBe(exit);
      expect(await inLine(), signal).toBe(0);
    }
    await shop.write("go");
    expect((await holder.ended).exit).toBe(0);
  });

  test("whose id leaves waits no longer, and the id can be used again", async () => {
    const { sandbox, windows, run, inLine } = await scene({});
    const [ana, bob] = windows;
    expect((await coord(sandbox, ana, "lock", "build")).exit).toBe(0);
    const waiting = run(bob, "true", "--wait", "10m");
    await until("one to stand in line", async () => (await inLine()) === 1, LONG);
    expect((await coord(sandbox, bob, "leave")).exit).toBe(0);
    const end = await waiting.ended;
    expect(end.exit, said(end)).toBe(5);
    expect(await inLine()).toBe(0);
    expect((await coord(sandbox, bob, "lock", "gpu")).exit).toBe(0);
  });

  test("whose patience is over leaves the line, and says who has it", async () => {
    const { sandbox, windows, inLine } = await scene({});
    const [ana, bob] = windows;
    expect((await coord(sandbox, ana, "lock", "build")).exit).toBe(0);
    const end = await coordJson(sandbox, bob, "lock", "build", "--wait", "1s");
    expect(end).toMatchObject({ exit: 3, json: { code: "held", holder: ana.id, place: 1, waiting: 1 } });
    const chosen = await coord(sandbox, bob, "run", "build", "--wait", "1s", "-E", "75", "--", "true");
    expect(chosen.exit, said(chosen)).toBe(75);
    expect(await inLine()).toBe(0);
  });
});
