/** A remote over http that has had too many requests, and the clock of a test: nobody really waits. */
import { describe, expect, test } from "vitest";
import type { Clock } from "../../src/ledger/ports.ts";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, type OpenOptions, openClone } from "../support/clone.ts";
import { type Fault, type GitRequest, httpServer } from "../support/http-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const tooMany = (seconds: number): Fault => ({
  kind: "answer",
  status: 429,
  headers: { "retry-after": String(seconds) },
});

async function scene() {
  const sandbox = await testSandbox();
  const server = await httpServer(sandbox);
  const clone = await makeClone(sandbox, server);
  let now = Date.UTC(2026, 0, 21, 14, 30);
  const total = () => Object.values(server.requests).reduce((sum, count) => sum + count);
  /** How long somebody waited, and how many requests there had been when that began and when it ended. */
  const waits: { duration: number; before: number; after: number }[] = [];
  let onWait: () => void = () => server.heal();
  const clock: Clock = {
    wall: () => now,
    monotonic: () => now - 1_000_000,
    bootId: () => "boot",
    async sleep(duration, signal) {
      const before = total();
      onWait();
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      now += duration;
      waits.push({ duration, before, after: total() });
    },
  };
  /** As another process of the clone. */
  const open = (options: OpenOptions = {}) => openClone(clone, { clock, ...options });
  const here = await open();
  const commit = await boardCommit(here.objects, null);
  const landed = async () =>
    (await sandbox.git(server.path, "for-each-ref", "--format=%(objectname)")).split("\n").includes(commit);
  return {
    ...{ server, ...here, open, commit, landed, waits, total, clock },
    pass: (duration: number) => {
      now += duration;
    },
    whileWaiting: (act: () => void) => {
      onWait = act;
    },
  };
}

describe("a push that is turned away", () => {
  test.each<[string, Fault]>([
    ["in seconds", tooMany(60)],
    [
      "with 503 and a date, by the server's clock, which is far off ours",
      {
        kind: "answer",
        status: 503,
        headers: { date: "Sun, 01 Mar 2099 10:00:00 GMT", "retry-after": "Sun, 01 Mar 2099 10:01:00 GMT" },
      },
    ],
  ])("when it asks what is there waits as long as it is told (%s), and lands", async (_, fault) => {
    const { server, remote, commit, landed, waits } = await scene();
    server.fail("ask_push", fault);
    expect(await remote.push(null, commit)).toEqual({ kind: "landed" });
    expect(waits).toEqual([{ duration: MINUTE, before: 1, after: 1 }]);
    expect(await landed()).toBe(true);
    expect(await remote.restsUntil()).toBeNull();
  });

  test("when it sends is unknown, and whoever asks next waits, in any process of the clone", async () => {
    const { server, remote, commit, open, waits, clock, total } = await scene();
    server.fail("push", tooMany(60));
    expect((await remote.push(null, commit)).kind).toBe("unknown");
    expect(await remote.restsUntil()).toBe(clock.wall() + MINUTE);
    const sent = total();
    expect(await (await open()).remote.fetch()).toEqual({ kind: "absent" });
    expect(waits).toEqual([{ duration: MINUTE, before: sent, after: sent }]);
    expect(await remote.push(null, commit)).toEqual({ kind: "landed" });
  });

  test("a second time in a row is not waited for again", async () => {
    const { server, remote, commit, waits, whileWaiting } = await scene();
    whileWaiting(() => {});
    server.fail("ask_push", tooMany(70));
    expect((await remote.push(null, commit)).kind).toBe("unsent");
    expect(waits).toHaveLength(1);
    expect(server.requests.ask_push).toBe(2);
  });

  test("for longer than anybody waits has sent nothing, and neither has what is asked before the time", async () => {
    const { server, remote, commit, open, waits, pass, clock, total } = await scene();
    server.fail("ask_push", tooMany(600));
    expect((await remote.push(null, commit)).kind).toBe("unsent");
    server.heal();
    pass(9 * MINUTE + 59 * SECOND - 2 * MINUTE);
    const other = (await open()).remote;
    expect(await other.restsUntil()).toBe(clock.wall() + 2 * MINUTE + SECOND);
    expect(await other.fetch()).toEqual({ kind: "unreachable", words: "" });
    expect(await other.push(null, commit)).toMatchObject({ kind: "unsent" });
    expect(total()).toBe(1);
    expect(waits).toEqual([]);
    pass(2 * MINUTE + SECOND);
    expect(await other.push(null, commit)).toEqual({ kind: "landed" });
  });

  test("is no business of a caller who gives up", async () => {
    const { server, remote, commit, whileWaiting, total } = await scene();
    const caller = new AbortController();
    whileWaiting(() => caller.abort());
    server.fail("ask_push", tooMany(60));
    expect((await remote.push(null, commit, caller.signal)).kind).toBe("unsent");
    expect(await remote.fetch(AbortSignal.abort())).toMatchObject({ kind: "unreachable" });
    expect(total()).toBe(1);
  });
});

describe("a fetch that is turned away with 429", () => {
  test.each<GitRequest>(["ask_fetch", "fetch"])(
    "at its %s waits as long as it is told, and goes on",
    async (request) => {
      const { server, remote, commit, open, waits } = await scene();
      await remote.push(null, commit);
      const sent = server.requests[request];
      server.fail(request, tooMany(60));
      expect(await (await open()).remote.fetch()).toEqual({ kind: "tip", tip: commit });
      expect(waits).toHaveLength(1);
      expect(waits[0]).toMatchObject({ duration: MINUTE });
      expect(waits[0]?.before).toBe(waits[0]?.after);
      expect(server.requests[request]).toBeGreaterThan(sent + 1);
    },
  );

  test("by a hook, which waits for nothing, gives up at once", async () => {
    const { server, open, waits } = await scene();
    server.fail("ask_fetch", tooMany(1));
    expect(await (await open({ patience: 0 })).remote.fetch()).toMatchObject({ kind: "unreachable" });
    expect(waits).toEqual([]);
    expect(server.requests.ask_fetch).toBe(1);
  });
});
