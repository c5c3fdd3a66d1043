/** 429 and Retry-After through the built program: each command is a process of its own. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Fault, httpServer } from "../support/http-server.ts";
import { expectFailure, scene } from "./support/answers.ts";
import { coordJson, start } from "./support/command.ts";
import { recordsIn } from "./support/queue.ts";
import { allow } from "./support/scale.ts";
import { until } from "./support/slow-push.ts";

const tooMany = (seconds: number): Fault => ({
  kind: "answer",
  status: 429,
  headers: { "retry-after": String(seconds) },
});

async function httpScene() {
  const all = await scene(httpServer);
  const { server } = all;
  const total = () => Object.values(server.requests).reduce((sum, count) => sum + count);
  return { ...all, total };
}

describe("a remote that has had too many requests", { timeout: allow(1) }, () => {
  test("for a moment: the claim waits and goes on by itself", async () => {
    const { sandbox, server, here, claims } = await httpScene();
    const asked = server.requests.ask_push;
    server.fail("ask_push", tooMany(1));
    const running = start(sandbox, here, ["claim", "T001", "--json"]);
    await until("the remote to turn it away", async () => server.requests.ask_push > asked);
    server.heal();
    const end = await running.ended;
    expect(end.exit, end.stdout).toBe(0);
    expect(server.requests.ask_push).toBe(asked + 2);
    expect(await claims()).toHaveLength(1);
  });

  test("for long: exit 6 with the time, nothing was sent, and no command asks before the time", async () => {
    const { sandbox, server, here, claim, total } = await httpScene();
    server.fail("ask_push", tooMany(600));
    const before = Date.now();
    const end = await claim();
    expectFailure(end, 6, "environment");
    const time = Date.parse(end.json.retryAfter);
    expect(time).toBeGreaterThan(before + 590_000);
    expect(time).toBeLessThan(Date.now() + 602_000);
    expect(end.json.message).toContain(end.json.retryAfter);
    expect(await recordsIn(here.clone)).toEqual([]);
    const asked = total();
    server.heal();
    for (const command of [["status"], ["lock", "build"], ["lock", "build", "--wait", "5m"]]) {
      const next = await coordJson(sandbox, here, ...command);
      expectFailure(next, 6, "environment");
      expect(Math.abs(Date.parse(next.json.retryAfter) - time)).toBeLessThanOrEqual(1000);
    }
    expect(total()).toBe(asked);
  });

  test("when it got the commits: exit 7 with the time, and the record stays", async () => {
    const { sandbox, server, here, claim, total } = await httpScene();
    server.fail("push", tooMany(600));
    const end = await claim();
    expectFailure(end, 7, "unknown");
    expect(end.json).toMatchObject({ retryAfter: expect.any(String), pendingCommit: expect.any(String) });
    expect(end.json.hint).toContain(end.json.retryAfter);
    const [opId] = await recordsIn(here.clone);
    const asked = total();
    server.heal();
    expectFailure(await coordJson(sandbox, here, "lock", "build"), 6, "environment");
    expect(await recordsIn(here.clone)).toEqual([opId]);
    expect(total()).toBe(asked);
  });

  test("while somebody waits for it: Ctrl-C ends the wait", async () => {
    const { sandbox, server, here, total } = await httpScene();
    server.fail("ask_push", tooMany(100));
    const running = start(sandbox, here, ["claim", "T001", "--json"]);
    await until("the program to hear of it", () => existsSync(join(here.clone.path, ".git/coord/rests/origin")));
    const sent = total();
    running.process.kill("SIGINT");
    const end = await running.ended;
    expectFailure(end, 6, "environment");
    expect(end.json.retryAfter).toEqual(expect.any(String));
    expect(total()).toBe(sent);
  });
});
