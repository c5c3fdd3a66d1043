import { spawn } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { boardSeen } from "../support/board-seen.ts";
import { until } from "../support/file-signal.ts";
import { PROGRAM } from "./built.ts";
import { answerOf, hold, ISO, team } from "./window.ts";

const sh = (script: string) => ["--", "sh", "-c", script];

describe("run", () => {
  test("gives the command its input, its output, and word of what it holds", async () => {
    const { ana, server } = await team();
    const words = 'cat; echo "$COORD_ID|$COORD_FENCE|$COORD_RESOURCES" >&2; exit 3';
    const ran = await ana.feed("all of it", "run", "build", "-f", "src/a b.c", ...sh(words));
    expect(ran).toMatchObject({ exit: 3, stdout: "all of it" });
    expect(ran.stderr).toBe("ana|2|lock:build\nfile:src/a b.c\n");
    expect((await boardSeen(server)).leases).toEqual([]);
  });

  test("takes everything in one commit and gives it back in one", async () => {
    const { ana } = await team();
    expect((await ana.run("run", "build", "gpu", "-f", "src/", "--", "true")).exit).toBe(0);
    const { entries } = await ana.json("log");
    expect(entries.map(({ op, resources }: { op: string; resources: string[] }) => [op, resources.length])).toEqual([
      ["unlock", 3],
      ["acquire", 3],
      ["init", 0],
    ]);
  });

  test("leaves with its holder what was held before", async () => {
    const { ana } = await team();
    const { leases } = await ana.json("lock", "build");
    const ran = await ana.run("run", "build", "gpu", ...sh('echo "$COORD_FENCE"'));
    expect(ran.exit).toBe(0);
    expect(ran.stdout.split("\n")[0]).toBe(String(leases[0].fence));
    expect((await ana.json("status")).board.leases).toMatchObject([{ resource: "lock:build", fence: leases[0].fence }]);
  });

  test("runs where -C says", async () => {
    const { ana } = await team();
    await mkdir(join(ana.path, "deep"));
    const ran = await ana.run("-C", "deep", "run", "build", "--", "pwd");
    expect(ran.stdout.trim().endsWith("/deep")).toBe(true);
  });

  test("has the exit codes of shells for what cannot be run, and gives the lock back", async () => {
    const { ana, server } = await team();
    expect(await ana.run("run", "build", "--", "no-such-program")).toMatchObject({ exit: 127, stdout: "" });
    expect(await ana.run("run", "build", "--", "")).toMatchObject({ exit: 127, stdout: "" });
    expect(await ana.run("run", "build", "--", ana.path)).toMatchObject({ exit: 126 });
    const refused = await ana.run("--json", "run", "build", "--", "no-such-program");
    expect(refused).toMatchObject({ exit: 127, stderr: "" });
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, code: "not_found", message: expect.any(String) });
    expect(await ana.run("run", "build", ...sh("kill -9 $$"))).toMatchObject({ exit: 137 });
    expect((await boardSeen(server)).leases).toEqual([]);
  });

  test("is refused like lock, with the place in line and other work; -E chooses the exit code", async () => {
    const { ana, bob } = await team();
    await ana.json("add", "other work");
    await hold(ana, { locks: ["build"] });
    const refused = answerOf(await bob.run("--json", "run", "build", "--", "true"));
    expect(refused).toMatchObject({
      exit: 3,
      code: "held",
      holder: "ana",
      expires: ISO,
      place: 1,
      waiting: 0,
      ready: ["T001"],
    });
    expect((await bob.run("run", "build", "-E", "75", "--", "true")).exit).toBe(75);
  });

  test("that says too little or too much is a usage error, and so is such a keepalive", async () => {
    const { ana } = await team();
    for (const args of [
      ["run", "build"],
      ["run", "build", "--"],
      ["run", "--", "true"],
      ["run", "build", "-E", "1000", "--", "true"],
      ["run", "build", "--wait", "soon", "--", "true"],
      ["keepalive"],
      ["keepalive", "--pid", "x"],
    ]) {
      expect((await ana.run(...args)).exit, args.join(" ")).toBe(2);
    }
  });
});

describe("locks declared in settings", () => {
  test("have slots and a scope, and show in status and settings", async () => {
    const { ana, bob } = await team();
    expect((await ana.json("settings")).settings["lock:build"]).toBe("1 slot, fleet");
    expect((await ana.json("settings", "lock:gpu", "2 slots")).settings).toEqual({ "lock:gpu": "2 slots, fleet" });
    for (const window of [ana, bob]) expect((await window.json("lock", "gpu")).ok).toBe(true);
    expect(await ana.with({ COORD_ID: "eve" }).json("lock", "gpu")).toMatchObject({ exit: 3 });
    expect(await ana.json("settings", "lock:gpu", "1 slot")).toMatchObject({ exit: 2 });
    expect((await ana.json("board")).board).toContain("| gpu | 2 | ana |");
  });
});

describe("keepalive", () => {
  test("keeps what an orchestrator holds while a process lives, and stops with it", async () => {
    const { ana, sandbox, server } = await team();
    await ana.json("settings", "Build lock time", "5s");
    const fence = (await ana.json("lock", "build")).leases[0].fence;
    const agent = spawn("sleep", ["600"], { stdio: "ignore" });
    onTestFinished(() => {
      agent.kill("SIGKILL");
    });
    const keeping = ana.json("keepalive", "--pid", String(agent.pid));
    const ops = ["log", "--format=%(trailers:key=Coord-Op,valueonly,separator=%x20)", "coordination"];
    const renewed = async () => (await sandbox.git(server.path, ...ops)).split("renew").length > 2;
    await until("two renewals", renewed, 60_000);
    expect((await ana.json("status")).board.leases).toMatchObject([{ resource: "lock:build", fence }]);
    agent.kill();
    expect(await keeping).toMatchObject({ ok: true, ended: "process_ended" });
    expect(await ana.json("keepalive", "--pid", String(agent.pid))).toMatchObject({ exit: 4 });
  });

  test("can be started by join, for a process or for whoever called it", async () => {
    const { ana } = await team();
    const agent = spawn("sleep", ["600"], { stdio: "ignore" });
    onTestFinished(() => {
      agent.kill("SIGKILL");
    });
    expect(await ana.json("join", "--keepalive", String(agent.pid))).toMatchObject({ id: "ana", keepalive: agent.pid });
    const running = async () => {
      const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
      const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
      return lines.filter((line) => line.includes(PROGRAM) && line.includes(`--pid\0${agent.pid}`)).length;
    };
    await until("the keepalive to run", async () => (await running()) === 1);
    agent.kill();
    await until("the keepalive to end", async () => (await running()) === 0);
    expect((await ana.json("join", "--keepalive")).keepalive).toBeGreaterThan(1);
  });

  test("is for those who have joined", async () => {
    const { ana } = await team();
    expect(await ana.json("keepalive", "--pid", String(process.pid))).toMatchObject({ exit: 5, code: "lost" });
  });
});
