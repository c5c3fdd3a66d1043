import { describe, expect, test } from "vitest";
import { ISO, OID, strangers, team } from "./window.ts";

describe("the JSON of", () => {
  test("init, join, leave", async () => {
    const { here, there } = await strangers();
    expect(await here.json("init")).toMatchObject({
      ok: true,
      seq: 1,
      commit: OID,
      branch: "coordination",
      remote: "origin",
      created: true,
    });
    expect(await there.json("init")).toMatchObject({ ok: true, seq: 1, created: false });
    const joined = await here.json("join");
    expect(joined).toMatchObject({ seq: 2, id: expect.stringMatching(/^orch-\d{4}-\d{4}$/), expires: ISO });
    expect(await here.json("join", "--id", joined.id)).toMatchObject({ ok: true, seq: 2, id: joined.id });
    await here.json("lock", "build", "--as", joined.id);
    expect(await there.json("join", "--id", joined.id.toUpperCase())).toMatchObject({
      ...{
        ok: false,
        code: "held",
        resource: `orchestrator:${joined.id}`,
        holder: joined.id,
        since: ISO,
        expires: ISO,
        ready: [],
      },
    });
    expect(await here.json("leave", "--as", joined.id)).toMatchObject({ ok: true, seq: 4, released: ["lock:build"] });
  });

  test("add, ready, claim, done, release", async () => {
    const { ana, bob } = await team();
    const queued = { area: null, after: [], state: "queued", claimedBy: null, since: null, fence: null };
    expect((await ana.json("add", "Fix physics", "-p", "1", "--area", "physics")).task).toEqual({
      ...{ ...queued, id: "T001", title: "Fix physics", priority: 1, area: "physics" },
    });
    expect((await ana.json("add", "Write docs", "--after", "t1,T01", "--id", "docs")).task).toMatchObject({
      id: "docs",
      after: ["T001", "T001"],
    });
    expect((await bob.json("ready")).tasks).toEqual([
      { ...queued, id: "T001", title: "Fix physics", priority: 1, area: "physics" },
    ]);
    expect((await bob.json("ready", "--area", "docs")).tasks).toEqual([]);

    const claimed = await ana.json("claim", "--next", "-f", "./src//a.c", "-f", "docs/**", "--lock", "build");
    const lease = { holder: "ana", fence: claimed.seq, since: ISO, expires: ISO, reason: "T001" };
    const ofTask = { ...lease, resource: "task:T001", reason: null };
    expect(claimed).toMatchObject({ ok: true, fence: claimed.seq, commit: OID });
    const others = ["lock:build", "file:src/a.c", "file:docs/"].map((resource) => ({ ...lease, resource }));
    expect(claimed.leases).toEqual([ofTask, ...others]);
    expect(claimed.task).toMatchObject({
      id: "T001",
      state: "in_progress",
      claimedBy: "ana",
      since: ISO,
      fence: claimed.seq,
    });
    expect(await ana.json("claim", "T01")).toMatchObject({ ok: true, seq: claimed.seq, fence: claimed.seq });

    const refused = await bob.json("claim", "T1", "--lock", "gpu");
    expect(refused).toMatchObject({
      code: "held",
      resource: "task:T001",
      holder: "ana",
      since: ISO,
      expires: ISO,
      ready: [],
    });
    expect(await bob.json("claim", "docs")).toMatchObject({ code: "nothing_ready", exit: 4 });
    expect(await bob.json("claim", "--next")).toMatchObject({ code: "nothing_ready" });
    expect(await bob.json("claim", "T99")).toMatchObject({ code: "not_found" });
    expect(await bob.json("done", "T1")).toMatchObject({ code: "lost", resource: "task:T001", holder: "ana" });

    expect((await ana.json("release", "T1", "-m", "too hard")).task).toMatchObject({
      id: "T001",
      state: "queued",
      claimedBy: null,
    });
    expect(await bob.json("claim", "task:t1")).toMatchObject({ ok: true });
    const done = await bob.json("done", "T1", "-m", "easy");
    expect(done.task).toMatchObject({
      id: "T001",
      state: "done",
      priority: null,
      claimedBy: null,
      fence: null,
      note: "easy",
    });
    expect(await bob.json("done", "T1")).toMatchObject({ ok: true, seq: done.seq });
    expect(await ana.json("claim", "T1")).toMatchObject({ code: "not_found" });
  });

  test("lock, unlock, renew, break", async () => {
    const { ana, bob } = await team();
    const locked = await ana.json("lock", "build", "-f", "src/", "--ttl", "1h30m", "--reason", "a build");
    const lease = { holder: "ana", fence: locked.seq, since: ISO, expires: ISO, reason: "a build" };
    expect(locked.leases).toEqual(["lock:build", "file:src/"].map((resource) => ({ ...lease, resource })));
    const [{ since, expires }] = locked.leases;
    expect(Date.parse(expires) - Date.parse(since)).toBe(90 * 60_000);

    const refused = await bob.json("lock", "BUILD", "gpu");
    expect(refused).toMatchObject({ code: "held", resource: "lock:build", holder: "ana", since, expires, ready: [] });
    expect(await bob.json("lock", "-f", "SRC/deep/a.c")).toMatchObject({
      code: "held",
      resource: "file:src/",
      holder: "ana",
    });
    expect(await bob.json("unlock", "build")).toMatchObject({ code: "lost", resource: "lock:build", holder: "ana" });
    expect(await bob.json("break", "build", "--reason", "old")).toMatchObject({ code: "held", holder: "ana" });

    const renewed = await ana.json("renew", "--ttl", "2h");
    expect(renewed.leases.map((each: { fence: number }) => each.fence)).toEqual([locked.seq, locked.seq]);
    const broken = await bob.json("break", "build", "--force", "--reason", "ana went home");
    expect(broken.broken).toMatchObject([{ resource: "lock:build", holder: "ana", fence: locked.seq }]);
    expect(await ana.json("renew")).toMatchObject({ code: "lost", resource: "lock:build", holder: null });
    expect(await ana.json("unlock", "--all")).toMatchObject({ ok: true, released: ["file:src/"] });
    expect(await bob.json("renew")).toMatchObject({ code: "lost", resource: "orchestrator:bob" });
  });

  test("status, board, settings, log, doctor", async () => {
    const { ana, bob, here } = await team();
    await ana.json("add", "a task");
    await ana.json("claim", "T1", "--lock", "gpu");
    const status = await here.json("status");
    expect(status.board).toMatchObject({
      orchestrators: [{ id: "ana", status: "Active", currentTask: "T001", lastSeen: ISO, expires: ISO }],
      tasks: [{ id: "T001", state: "in_progress", claimedBy: "ana", fence: status.seq }],
      leases: [{ resource: "task:T001", expires: ISO }, { resource: "lock:gpu" }],
      waiters: [],
      settings: { "Build lock time": "10m" },
    });
    const board = await here.json("board");
    expect(board).toMatchObject({ seq: status.seq, commit: status.commit, board: expect.stringContaining("| T001 |") });
    expect(await here.run("board", "--offline")).toEqual({ exit: 0, stdout: board.board, stderr: "" });

    expect(await bob.json("settings", "lock time", "90s")).toMatchObject({
      ok: true,
      settings: { "Lock time": "90s" },
    });
    expect((await here.json("settings", "LOCK TIME")).settings).toEqual({ "Lock time": "1m30s" });
    expect(Object.keys((await here.json("settings")).settings)).toContain("Session time");
    expect(await here.json("settings", "Colour")).toMatchObject({ code: "not_found" });
    expect(await bob.json("settings", "Strict", "perhaps")).toMatchObject({ code: "usage" });

    const { entries } = await here.json("log", "gpu", "--actor", "ANA", "--since", "1h");
    expect(entries).toMatchObject([
      {
        seq: status.seq,
        commit: status.commit,
        at: ISO,
        op: "claim",
        actor: "ana",
        resources: ["task:T001", "lock:gpu"],
      },
    ]);
    expect((await here.json("log", "-n", "1")).entries).toMatchObject([{ op: "set", actor: "bob" }]);
    expect((await here.json("log", "--until", "1h")).entries).toEqual([]);

    const { checks, ok } = await here.json("doctor");
    expect(ok).toBe(true);
    for (const check of checks)
      expect(check).toMatchObject({ name: expect.any(String), status: "ok", message: expect.any(String), hint: null });
    expect(checks.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(["git", "remote", "rights", "board", "clock", "pending"]),
    );
  });
});

describe("many windows at once", () => {
  test("claim different tasks, and one of them has the build lock", async () => {
    const { here, there, ana } = await team();
    await Promise.all(["a", "b", "c"].map((title) => ana.json("add", title)));
    const windows = ["w1", "w2", "w3"].map((id, index) => (index % 2 === 0 ? here : there).with({ COORD_ID: id }));
    const claims = await Promise.all(windows.map((window) => window.json("claim", "--next")));
    expect(claims.map(({ task }) => task.id).sort()).toEqual(["T001", "T002", "T003"]);
    const locks = await Promise.all(windows.map((window) => window.json("lock", "build")));
    expect(locks.map(({ exit }) => exit).sort()).toEqual([0, 3, 3]);
  });
});
