import { describe, expect, test } from "vitest";
import { httpServer } from "../support/http-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { expectFailure, scene, tipOf } from "./support/answers.ts";
import { coord, coordJson, type Ended, start, type Window } from "./support/command.ts";
import { recordsIn } from "./support/queue.ts";
import { allow, scale } from "./support/scale.ts";
import { until } from "./support/slow-push.ts";

/** A second window of the same clone asks for something else: its command settles what the first one left. */
async function nextCommand(sandbox: Sandbox, window: Window): Promise<Ended> {
  const end = await coordJson(sandbox, { ...window, id: "somebody-else" }, "lock", "build");
  expect(end.exit, end.stdout).toBe(0);
  expect(await recordsIn(window.clone)).toEqual([]);
  return end;
}

describe("what http answers to the commits, as exit codes", { timeout: allow(1) }, () => {
  test("no row, and the remote is gone: exit 7, the record stays, and when it is back the next command settles it", async () => {
    const { sandbox, server, here, claim, claims } = await scene(httpServer);
    server.fail("push", { kind: "drop_after" });
    server.fail("ask_fetch", { kind: "drop_before" });
    const end = await claim();
    expectFailure(end, 7, "unknown");
    const [opId] = await recordsIn(here.clone);
    expect(opId).toBeDefined();

    // Still gone: reading does not pretend to know, and writing settles first, so it fails before it sends.
    expectFailure(await coordJson(sandbox, here, "status"), 6, "environment");
    expectFailure(await coordJson(sandbox, here, "lock", "build"), 6, "environment");
    expect(await recordsIn(here.clone)).toEqual([opId]);

    server.heal();
    const next = await nextCommand(sandbox, here);
    expect(next.json.notices).toEqual([expect.stringContaining("has landed")]);
    expect((await claims()).map((link) => link.opId)).toEqual([opId]);
    expect((await claim()).json).toMatchObject({ ok: true, changed: false });
  });

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

  test.each([403, 504])(
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
  );

  test.each(scale([504], [401, 403, 504]))(
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

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
