import { rename, rm, utimes } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type HttpServer, httpServer } from "../support/http-server.ts";
import { leaveLock, pathServer, type RemoteServer, refusePushes } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { coord, coordJson, type Ended, start, type Window } from "./support/command.ts";
import { assemble } from "./support/fleet.ts";
import { freshHistory } from "./support/history.ts";
import { recordsIn } from "./support/queue.ts";
import { allow } from "./support/scale.ts";
import { holdPush, until } from "./support/slow-push.ts";

/** Two windows on two clones that know the tip, and a task. Every command is a process of its own. */
async function scene<S extends RemoteServer>(makeServer: (sandbox: Sandbox) => Promise<S>) {
  const sandbox = await testSandbox();
  const server = await makeServer(sandbox);
  const [here, there] = (await assemble(sandbox, server, { windows: 2, tasks: 1 })) as [Window, Window];
  const claim = (window = here) => coordJson(sandbox, window, "claim", "T001");
  const claims = async () => (await freshHistory(sandbox, server)).links.filter(({ op }) => op === "claim");
  return { sandbox, server, here, there, claim, claims };
}

function expectFailure(end: Ended, exit: number, code: string): void {
  expect(end.exit, end.stdout + end.stderr).toBe(exit);
  expect(end.json).toMatchObject({ ok: false, code, hint: expect.any(String) });
}

/** A second window of the same clone asks for something else: its command settles what the first one left. */
async function nextCommand(sandbox: Sandbox, window: Window): Promise<Ended> {
  const end = await coordJson(sandbox, { ...window, id: "somebody-else" }, "lock", "build");
  expect(end.exit, end.stdout).toBe(0);
  expect(await recordsIn(window.clone)).toEqual([]);
  return end;
}

describe("the table of the push protocol, as exit codes", () => {
  test("landed: exit 0, and asking again is exit 0 with the same fence", async () => {
    const { claim, claims } = await scene(pathServer);
    const [first, again] = [await claim(), await claim()];
    expect([first.exit, again.exit]).toEqual([0, 0]);
    expect([first.json.changed, again.json.changed]).toEqual([true, false]);
    expect(again.json.fence).toBe(first.json.fence);
    expect(await claims()).toHaveLength(1);
  });

  test("rejected, somebody was first with the same task: exit 3 with the winner, since and until", async () => {
    const { claim, claims, here, there } = await scene(pathServer);
    expect((await claim(there)).exit).toBe(0);
    const end = await claim(here);
    expectFailure(end, 3, "held");
    expect(end.json).toMatchObject({ resource: "task:T001", holder: there.id });
    expect(end.json.message).toContain(there.id);
    for (const time of [end.json.since, end.json.expires]) expect(Date.parse(time)).not.toBeNaN();
    expect(await claims()).toHaveLength(1);
  });

  test("rejected, somebody was first with something else: decided again, exit 0", async () => {
    const { sandbox, claim, claims, there } = await scene(pathServer);
    expect((await coord(sandbox, there, "lock", "build")).exit).toBe(0);
    expect((await claim()).exit).toBe(0);
    expect(await claims()).toHaveLength(1);
  });

  test("remote rejected and the tip moved: decided again, and the loser is told who won", async () => {
    const { sandbox, server, here, there, claim, claims } = await scene(pathServer);
    const slow = await holdPush(sandbox, server);
    const late = start(sandbox, here, ["claim", "T001", "--json"]);
    await slow.arrived();
    expect((await claim(there)).exit).toBe(0);
    await slow.finish();
    const end = await late.ended;
    expectFailure(end, 3, "held");
    expect(end.json.holder).toBe(there.id);
    expect(await claims()).toHaveLength(1);
  });

  test("remote rejected by a hook: exit 6 with the server's words, nothing changed, and nothing is repeated", async () => {
    const { sandbox, server, here, claim, claims } = await scene(pathServer);
    await refusePushes(server, "GH006: Protected branch update failed");
    const end = await claim();
    expectFailure(end, 6, "environment");
    expect(end.json.message).toContain("GH006: Protected branch update failed");
    expect(await recordsIn(here.clone)).toEqual([]);
    const plain = await coord(sandbox, here, "claim", "T001");
    expect({ exit: plain.exit, stdout: plain.stdout }).toEqual({ exit: 6, stdout: "" });
    expect(plain.stderr).toContain("GH006: Protected branch update failed");
    expect(await claims()).toEqual([]);
  });

  test("remote rejected by a left-over lock: exit 6, and doctor names the file", async () => {
    const { sandbox, server, here, claim, claims } = await scene(pathServer);
    const lock = await leaveLock(server, "coordination");
    const hourAgo = Date.now() / 1000 - 3600;
    await utimes(lock, hourAgo, hourAgo);
    const end = await claim();
    expectFailure(end, 6, "environment");
    expect(end.json.hint).toContain("git coord doctor");
    const doctor = await coord(sandbox, here, "doctor");
    expect(doctor.exit, doctor.stdout).not.toBe(0);
    expect(doctor.stdout).toContain(lock);
    await rm(lock);
    expect((await claim()).exit).toBe(0);
    expect(await claims()).toHaveLength(1);
  });

  test("a branch that somebody deleted: exit 8, and no push makes it again", async () => {
    const { sandbox, server, here, claim } = await scene(pathServer);
    const tip = await tipOf(sandbox, server);
    await sandbox.git(server.path, "update-ref", "-d", "refs/heads/coordination");
    const end = await claim();
    expectFailure(end, 8, "bad_board");
    expect(end.json.message).toContain("was deleted on the remote");
    expect(await sandbox.git(server.path, "for-each-ref")).toBe("");
    expect(await recordsIn(here.clone)).toEqual([]);
    expect((await coord(sandbox, here, "doctor", "--repair")).exit).toBe(0);
    expect(await tipOf(sandbox, server)).toBe(tip);
    expect((await claim()).exit).toBe(0);
  });

  test("a remote that is not there: exit 6 before anything was sent, also for commands that only read", async () => {
    const { sandbox, server, here, claim } = await scene(pathServer);
    await rename(server.path, `${server.path}.away`);
    expectFailure(await claim(), 6, "environment");
    expectFailure(await coordJson(sandbox, here, "status"), 6, "environment");
    expect(await recordsIn(here.clone)).toEqual([]);
    await rename(`${server.path}.away`, server.path);
    expect((await claim()).exit).toBe(0);
  });

  test(
    "no row, and the remote is gone: exit 7, the record stays, and when it is back the next command settles it",
    async () => {
      const { sandbox, server, here, claim, claims } = await scene(httpServer);
      server.fail("push", { kind: "drop_after" });
      server.fail("ask_fetch", { kind: "drop_before" });
      const end = await claim();
      expectFailure(end, 7, "unknown");
      const [opId] = await recordsIn(here.clone);
      expect(opId).toBeDefined();

      // Still gone: reading fails, and does not pretend to know. Writing settles first, so it fails before it sends.
      expectFailure(await coordJson(sandbox, here, "status"), 6, "environment");
      expect(await recordsIn(here.clone)).toEqual([opId]);

      server.heal();
      const next = await nextCommand(sandbox, here);
      expect(next.json.notices).toEqual([expect.stringContaining("has landed")]);
      expect((await claims()).map((link) => link.opId)).toEqual([opId]);
      expect((await claim()).json).toMatchObject({ ok: true, changed: false });
    },
    allow(1),
  );
});

describe("what http answers to the commits, as exit codes", () => {
  test("the connection is dropped after landing: exit 0, and exactly one commit", async () => {
    const { server, here, claim, claims } = await scene(httpServer);
    server.fail("push", { kind: "drop_after" });
    const end = await claim();
    expect(end.exit, end.stdout).toBe(0);
    expect(end.json).toMatchObject({ ok: true, changed: true, task: { claimedBy: here.id } });
    expect((await claims()).map(({ commit }) => commit)).toEqual([end.json.commit]);
    expect(await recordsIn(here.clone)).toEqual([]);
  });

  test("the connection is dropped after landing, and somebody builds on it at once: still exit 0", async () => {
    const { sandbox, server, here, there, claims } = await scene(httpServer);
    const push = deferred();
    server.fail("push", { kind: "hold", when: "after", until: push.promise });
    sandbox.defer(push.resolve);
    const before = await tipOf(sandbox, server);
    const running = start(sandbox, here, ["claim", "T001", "--json"], { group: true });
    await until("the push to land", async () => (await tipOf(sandbox, server)) !== before);
    server.heal();
    expect((await coord(sandbox, there, "lock", "build")).exit).toBe(0);
    server.fail("push", { kind: "drop_before" });
    push.resolve();
    const end = await running.ended;
    expect(end.exit, end.stdout).toBe(0);
    expect((await claims()).map(({ commit }) => commit)).toEqual([end.json.commit]);
  });

  test.each([403, 429, 504])(
    "%i to every push: exit 7, for nobody can know; the next command settles it as never landed",
    async (status) => {
      const { sandbox, server, here, claim, claims } = await scene(httpServer);
      server.fail("push", { kind: "answer", status });
      const end = await claim();
      expectFailure(end, 7, "unknown");
      expect(end.json.message).toContain(String(status));
      const [opId] = await recordsIn(here.clone);
      expect(opId).toBeDefined();
      server.heal();
      const next = await nextCommand(sandbox, here);
      expect(next.json.notices).toEqual([expect.stringContaining("never landed, and cannot any more")]);
      expect(await claims()).toEqual([]);
      expect((await claim()).json).toMatchObject({ ok: true, changed: true });
      expect((await claims()).map((link) => link.opId)).not.toContain(opId);
    },
    allow(1),
  );

  test.each([401, 403, 429, 504])(
    "%i when git asks whether it may push: exit 6, nothing was sent, nothing is left",
    async (status) => {
      const { server, here, claim, claims } = await scene(httpServer);
      server.fail("ask_push", { kind: "answer", status });
      const sent = server.requests.push;
      expectFailure(await claim(), 6, "environment");
      expect(server.requests.push).toBe(sent);
      expect(await recordsIn(here.clone)).toEqual([]);
      server.heal();
      expect((await claim()).exit).toBe(0);
      expect(await claims()).toHaveLength(1);
    },
  );
});

const tipOf = (sandbox: Sandbox, { path }: Pick<HttpServer, "path">) => sandbox.git(path, "rev-parse", "coordination");

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
