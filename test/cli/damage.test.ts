import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LedgerFailure } from "../../src/app/failure.ts";
import { reportException } from "../../src/cli/environment-words.ts";
import { makeClone } from "../support/clone.ts";
import { canMount, onFullDisk, whereReadOnly } from "../support/disks.ts";
import { httpServer } from "../support/http-server.ts";
import { prepareProgram } from "../support/program.ts";
import { installHook, leaveLock, refusePushes } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { worktreeOf } from "./by-hand.ts";
import { hold, openWindow, strangers, team } from "./window.ts";

test("before init every command ends with 4 and says what to run", async () => {
  const { here } = await strangers();
  for (const args of [["status"], ["lock", "build", "--as", "ana"], ["log"]]) {
    expect(await here.json(...args)).toMatchObject({
      code: "not_found",
      exit: 4,
      hint: expect.stringContaining("git coord init"),
    });
  }
});

describe("a remote that does not do its part ends with 6", () => {
  test("when it is gone: nothing looks free, and what was seen last is shown only when asked for", async () => {
    const { ana, server } = await team();
    await hold(ana, { locks: ["build"] });
    await rename(server.path, `${server.path}.away`);
    for (const args of [["status"], ["lock", "gpu"], ["lock", "build"]]) {
      expect(await ana.json(...args)).toMatchObject({
        code: "environment",
        exit: 6,
        message: expect.stringContaining("could not be reached"),
      });
    }
    const doctor = await ana.json("doctor");
    expect(doctor).toMatchObject({ code: "environment", exit: 6 });
    expect(doctor.checks).toContainEqual(
      expect.objectContaining({ name: "remote", status: "fail", hint: expect.any(String) }),
    );
    expect((await ana.json("status", "--offline")).board.leases).toMatchObject([{ resource: "lock:build" }]);
    await rename(`${server.path}.away`, server.path);
    expect(await ana.json("lock", "gpu")).toMatchObject({ ok: true });
  });

  test("when a hook refuses, with its words; afterwards nothing has happened", async () => {
    const { ana, bob, server } = await team();
    await refusePushes(server, "GH006: Protected branch update failed");
    const answer = await ana.json("lock", "build");
    expect(answer).toMatchObject({ code: "environment", exit: 6, hint: expect.stringContaining("doctor") });
    expect(answer.message).toContain("GH006: Protected branch update failed");
    await rm(join(server.path, "hooks", "pre-receive"));
    expect(await bob.json("lock", "build")).toMatchObject({ ok: true });
  });

  test("when a killed push has left its lock on the server", async () => {
    const { ana, server } = await team();
    const lock = await leaveLock(server, "coordination");
    expect(await ana.json("lock", "build")).toMatchObject({ code: "environment", exit: 6 });
    await rm(lock);
    expect(await ana.json("lock", "build")).toMatchObject({ ok: true });
  });
});

describe("a disk that does not do its part ends with 6", () => {
  test("when it is full: nothing is left behind that nobody would clear away", async () => {
    const { ana } = await team();
    await hold(ana, { locks: ["build"] });
    const queue = () => readdir(join(ana.path, ".git", "coord", "queue"), { recursive: true });
    const before = await queue();
    for (const args of [
      ["lock", "gpu"],
      ["unlock", "build"],
    ]) {
      expect(await ana.through(onFullDisk).json(...args)).toMatchObject({ code: "environment", exit: 6 });
    }
    // The lock of this process, which has taken it in `hold`, is there.
    expect(await queue()).toEqual(before);
    expect(await ana.json("lock", "gpu")).toMatchObject({ ok: true });
  });

  test.runIf(canMount)("when it is read-only, and says so", async () => {
    const { here, ana } = await team();
    const readOnly = { code: "environment", exit: 6, message: expect.stringContaining("the disk is read-only") };
    const { commit } = await hold(ana, { locks: ["build"] });
    expect(await ana.through(whereReadOnly(here.path)).json("lock", "gpu")).toMatchObject(readOnly);
    expect(await ana.through(whereReadOnly(here.path)).json("status")).toMatchObject({ ok: true, commit });
    await rm(join(here.path, ".git", "coord"), { recursive: true });
    expect(await ana.through(whereReadOnly(here.path)).json("lock", "gpu")).toMatchObject(readOnly);
  });
});

test("a push whose outcome is not known ends with 7, and the next command settles it and says so", async () => {
  const { ana, bob, server } = await team();
  // The parent of the hook is the git that receives the push: it dies before it can answer.
  await installHook(server, "pre-receive", "kill -9 $PPID");
  const answer = await ana.json("lock", "build");
  expect(answer).toMatchObject({ code: "unknown", exit: 7, hint: expect.stringContaining("Do not assume either way") });
  expect((await ana.json("doctor")).checks).toContainEqual(
    expect.objectContaining({ name: "pending", status: "warn" }),
  );
  await rm(join(server.path, "hooks", "pre-receive"));
  const next = await ana.json("lock", "gpu");
  expect(next).toMatchObject({
    ok: true,
    notices: [expect.stringMatching(/"lock build: ana until .*", never landed/)],
  });
  expect((await bob.json("status")).board.leases).toMatchObject([{ resource: "lock:gpu", holder: "ana" }]);
});

describe("a damaged branch ends every command with 8, and doctor --repair mends it", () => {
  const repaired = { ok: true, exit: 0, repaired: [expect.any(String)] };

  test("when somebody pushed a board that cannot be read", async () => {
    const scene = await team();
    const { ana, bob, server, sandbox } = scene;
    await hold(ana, { locks: ["build"] });
    const byHand = await worktreeOf(scene);
    const good = await byHand.read();
    const rule = "|----|----------|------|------|------------|-------|\n";
    await byHand.push(
      good.replace(rule, `${rule}| T1 | 1 | a | - | - | - |\n| t01 | 1 | b | - | - | - |\n`),
      "two of one kind",
    );
    const refused = await bob.json("lock", "gpu");
    expect(refused).toMatchObject({ code: "bad_board", exit: 8, hint: expect.stringContaining("doctor --repair") });
    expect(refused.problems).toMatchObject([{ line: expect.any(Number), code: "duplicate_task" }]);
    expect(await bob.json("status")).toMatchObject({ code: "bad_board" });
    const doctor = await bob.json("doctor");
    expect(doctor).toMatchObject({ code: "bad_board", exit: 8, repaired: [] });
    expect(doctor.checks).toContainEqual(
      expect.objectContaining({ name: "board", status: "fail", hint: expect.stringContaining("--repair") }),
    );

    expect(await bob.json("doctor", "--repair")).toMatchObject(repaired);
    expect(await bob.json("doctor", "--repair")).toMatchObject({ ok: true, repaired: [] });
    expect((await bob.json("board")).board).toBe(good);
    expect(await sandbox.git(server.path, "log", "--format=%s", "coordination")).toMatch(
      /^repair: .*\ntwo of one kind\nlock build/,
    );
  });

  test("when somebody removed the board, or put two holders on it", async () => {
    const scene = await team();
    const { ana, bob } = scene;
    await hold(ana, { files: ["src/"] });
    const byHand = await worktreeOf(scene);
    const good = await byHand.read();
    const held = good.split("\n").find((line) => line.startsWith("| src/ |")) ?? "";
    await byHand.push(good.replace(held, `${held}\n${held.replace("| src/ | ana", "| src/a.c | eve")}`), "two holders");
    expect(await bob.json("lock", "gpu")).toMatchObject({ code: "bad_board", problems: [{ code: "two_holders" }] });
    await byHand.push(null, "no board");
    expect(await bob.json("lock", "gpu")).toMatchObject({ code: "bad_board", problems: [{ code: "no_board_file" }] });
    expect(await bob.json("doctor", "--repair")).toMatchObject(repaired);
    expect((await bob.json("status")).board.leases).toMatchObject([{ resource: "file:src/", holder: "ana" }]);
  });

  test("when somebody deleted the branch or forced it back: it is put back, and nothing is lost", async () => {
    const { ana, bob, server, sandbox } = await team();
    const { commit } = await hold(ana, { locks: ["build"] });
    await sandbox.git(server.path, "update-ref", "refs/heads/coordination", `${commit}~1`);
    expect(await ana.json("status")).toMatchObject({ code: "bad_board", exit: 8, known: commit });
    expect(await ana.json("lock", "gpu")).toMatchObject({ code: "bad_board", exit: 8 });
    expect(await ana.json("doctor", "--repair")).toMatchObject(repaired);
    await sandbox.git(server.path, "update-ref", "-d", "refs/heads/coordination");
    expect(await ana.json("lock", "gpu")).toMatchObject({ code: "bad_board", exit: 8, remote: null });
    expect(await ana.json("init")).toMatchObject({ code: "bad_board", exit: 8 });
    expect(await ana.json("doctor", "--repair")).toMatchObject(repaired);
    expect(await bob.json("lock", "build")).toMatchObject({ code: "held", holder: "ana" });
  });

  test("but not when the branch went another way: what stands there may be somebody's only copy", async () => {
    const scene = await team();
    const { ana, bob, server, sandbox } = scene;
    const { commit } = await hold(ana, { locks: ["build"] });
    await sandbox.git(server.path, "update-ref", "refs/heads/coordination", `${commit}~1`);
    const other = await bob.json("lock", "build");
    expect(other).toMatchObject({ ok: true });
    expect(await ana.json("doctor", "--repair")).toMatchObject({ code: "bad_board", exit: 8, repaired: [] });
    expect(await sandbox.git(server.path, "rev-parse", "coordination")).toBe(other.commit);
  });

  test("but not when the board is of a newer format: it is left alone", async () => {
    const scene = await team();
    const byHand = await worktreeOf(scene);
    await byHand.push((await byHand.read()).replace("board format 1", "board format 9"), "from the future");
    const tip = await scene.sandbox.git(scene.server.path, "rev-parse", "coordination");
    expect(await scene.ana.json("lock", "build")).toMatchObject({
      code: "bad_board",
      exit: 8,
      problems: [{ code: "format_too_new" }],
    });
    expect(await scene.ana.json("doctor", "--repair")).toMatchObject({ exit: 8, repaired: [] });
    expect(await scene.sandbox.git(scene.server.path, "rev-parse", "coordination")).toBe(tip);
  });
});

describe("doctor shows every check, and names", () => {
  const named = (name: string, part: object) => expect.objectContaining({ name, hint: expect.any(String), ...part });
  const failed = { code: "environment", exit: 6 };

  test("a full disk", async () => {
    const { ana } = await team();
    await hold(ana, { locks: ["build"] });
    const doctor = await ana.through(onFullDisk).json("doctor");
    expect(doctor).toMatchObject(failed);
    expect(doctor.checks).toContainEqual(named("disk", { status: "fail", message: expect.stringContaining("EFBIG") }));
    expect(await readdir(join(ana.path, ".git", "coord"))).not.toContainEqual(expect.stringMatching(/^tmp_/));
  });

  test.runIf(canMount)("a read-only disk, also when the remote has something new or nothing was kept yet", async () => {
    const { ana, bob } = await team();
    await hold(ana, { locks: ["build"] });
    await hold(bob, { locks: ["gpu"] });
    const readOnly = ana.through(whereReadOnly(ana.path));
    for (const prepare of [async () => {}, () => rm(join(ana.path, ".git", "coord"), { recursive: true })]) {
      await prepare();
      const doctor = await readOnly.json("doctor");
      expect(doctor).toMatchObject(failed);
      expect(doctor.checks).toContainEqual(
        named("disk", {
          status: "fail",
          message: expect.stringContaining("EROFS"),
          hint: expect.stringContaining("read-only"),
        }),
      );
      expect(doctor.checks).toContainEqual(named("remote", { status: "fail" }));
      expect(doctor.checks).toContainEqual(expect.objectContaining({ name: "git", status: "ok" }));
    }
  });

  test("the process that keeps all others of the clone waiting, when it is stopped", async () => {
    const { ana, sandbox } = await team();
    const start = await prepareProgram(sandbox, new URL("../support/programs/lock-owner.ts", import.meta.url));
    const owner = start(ana.env, join(ana.path, ".git", "coord"));
    await owner.line("locked");
    expect((await ana.json("doctor")).checks).toContainEqual(
      expect.objectContaining({ name: "process", status: "ok" }),
    );
    owner.process.kill("SIGSTOP");
    const message = expect.stringMatching(new RegExp(`process ${owner.process.pid} .* is stopped`));
    await expect
      .poll(async () => (await ana.json("doctor")).checks, { timeout: 30_000 })
      .toContainEqual(named("process", { status: "warn", message }));
  });

  test("a remote that wants to be left alone, and until when", async () => {
    const sandbox = await testSandbox();
    const server = await httpServer(sandbox);
    const { path, env } = await makeClone(sandbox, server);
    const here = openWindow(sandbox, path, env);
    server.fail("ask_fetch", { kind: "answer", status: 429, headers: { "retry-after": "600" } });
    const doctor = await here.json("doctor");
    expect(doctor).toMatchObject(failed);
    const message = expect.stringMatching(/asks to be left alone until \d{4}-\d\d-\d\d/);
    expect(doctor.checks).toContainEqual(named("remote", { status: "fail", message }));
  });
});

test("whoever has waited for another process of the clone in vain is told which", () => {
  expect(reportException(new LedgerFailure({ code: "busy", pid: 4711 }))).toMatchObject({
    code: "environment",
    message: expect.stringContaining("process of this clone (process 4711)"),
    hint: expect.stringContaining("git coord doctor"),
  });
});

test("doctor in words names each check", async () => {
  const { here } = await team();
  const { exit, stdout, stderr } = await here.run("doctor");
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toMatch(/^ok {4}git .*\nok {4}disk .*\nok {4}process .*\nok {4}remote .*\nok {4}rights /);
});
