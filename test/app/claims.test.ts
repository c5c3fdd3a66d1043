import { rename } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import {
  add,
  apply,
  boardText,
  breakLeases,
  claim,
  complete,
  configure,
  init,
  join,
  leave,
  lock,
  log,
  ready,
  release,
  renew,
  settings,
  status,
  unlock,
} from "../../src/index.ts";
import { refusePushes } from "../support/remote-server.ts";
import { no, ok, strangers, team, thrown } from "./team.ts";

describe("opening", () => {
  test("asks no remote, and starts no push or fetch", async () => {
    const { here, server } = await strangers();
    await rename(server.path, `${server.path}.away`);
    const spawned: (readonly string[])[] = [];
    const { branch, remoteName } = await here.open("ana", { onSpawn: (args) => spawned.push(args) });
    expect({ branch, remoteName }).toEqual({ branch: "coordination", remoteName: "origin" });
    expect(spawned.flat().filter((word) => ["push", "fetch", "ls-remote"].includes(word))).toEqual([]);
  });

  test.each([
    ["a folder that is in no repository", (path: string) => ({ cwd: path }), "not_a_repository"],
    ["a folder that is not there", (path: string) => ({ cwd: `${path}/nowhere` }), "no_such_directory"],
    ["a branch that git does not allow", () => ({ branch: "a..b" }), "bad_branch"],
    ["a remote that nobody configured", () => ({ remote: "upstream" }), "bad_remote"],
  ])("fails for %s", async (_, wish, code) => {
    const { here, sandbox } = await strangers();
    await expect(here.open("ana", wish(sandbox.path))).rejects.toMatchObject({ name: "GitFailure", data: { code } });
  });

  test("takes the identity from its options, then COORD_ID, then coord.id", async () => {
    const { here } = await strangers();
    await here.clone.git("config", "coord.id", "from-config");
    const env = { ...here.clone.env, COORD_ID: "from-environment" };
    expect((await here.open("from-options", { env })).identity).toBe("from-options");
    expect((await here.open(null, { env })).identity).toBe("from-environment");
    expect((await here.open(null)).identity).toBe("from-config");
  });
});

describe("without a coordination branch", () => {
  test("reading and writing throw no_branch, and init makes it once", async () => {
    const { here, there } = await strangers();
    const coordination = await here.open("ana");
    for (const attempt of [() => status(coordination), () => lock(coordination, { locks: ["build"] })]) {
      expect(await thrown(attempt())).toEqual({ code: "no_branch" });
    }
    expect(ok(await init(coordination)).value).toEqual({ branch: "coordination", remote: "origin", created: true });
    const second = ok(await init(await there.open("bob")));
    expect(second).toMatchObject({ value: { created: false }, seq: 1 });
  });

  test("two machines that begin at the same moment end on one root", async () => {
    const { here, there, server, sandbox } = await strangers();
    const both = await Promise.all([here, there].map(async (machine) => init(await machine.open(null))));
    expect(both.map((outcome) => ok(outcome).value.created).sort()).toEqual([false, true]);
    expect(new Set(both.map((outcome) => outcome.commit)).size).toBe(1);
    expect(await sandbox.git(server.path, "rev-list", "--count", "coordination")).toBe("1");
  });
});

describe("outcomes", () => {
  test("of requests are values with the commit that they made", async () => {
    const { here, server, sandbox } = await team();
    const ana = await here.open("ana");
    const joined = ok(await join(ana));
    expect(joined).toMatchObject({ seq: 2, value: { changed: true, orchestrator: { id: "ana" } }, notices: [] });
    expect(await sandbox.git(server.path, "rev-parse", "coordination")).toBe(joined.commit);
    const again = ok(await join(ana));
    expect(again).toMatchObject({ seq: 2, commit: joined.commit, value: { changed: false } });
  });

  test("cover a task's whole life", async () => {
    const { here, there } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    expect(ok(await add(bob, { title: "Fix physics", priority: "1", area: "physics" })).value.task.id).toBe("T001");
    expect(ok(await add(bob, { title: "Write docs", after: ["T1"] })).value.task.after).toEqual(["T001"]);
    expect(ok(await ready(ana)).value.map(({ id }) => id)).toEqual(["T001"]);

    const claimed = ok(await claim(ana, { files: ["src/physics/"], locks: ["gpu"] }));
    expect(claimed.value).toMatchObject({ fence: claimed.seq, task: { id: "T001", claimedBy: "ana" } });
    expect(no(await claim(bob, { task: "T1" }), "refused").refusal).toMatchObject({
      kind: "held",
      lease: { holder: "ana" },
    });
    expect(no(await lock(bob, { files: ["src/physics/a.c"] }), "refused").refusal).toMatchObject({ kind: "held" });
    expect(no(await claim(bob, { task: "T2" }), "refused").refusal).toMatchObject({
      kind: "task_blocked",
      waitsFor: ["T001"],
    });
    expect(no(await claim(bob), "refused").refusal).toMatchObject({ kind: "nothing_ready" });

    expect(ok(await release(ana, "T1", "too hard")).value.released).toHaveLength(3);
    ok(await claim(bob, { task: "T1" }));
    ok(await complete(bob, "T1", "easy"));
    expect(no(await complete(ana, "T1"), "refused").refusal).toMatchObject({ kind: "task_finished" });
    expect(ok(await claim(ana)).value.task.id).toBe("T002");
    expect(ok(await leave(ana)).value.released).toEqual([{ kind: "task", name: "T002" }]);

    const entries = ok(await log(bob)).value;
    expect(entries.map(({ op, actor }) => `${op} ${actor}`)).toEqual([
      ...["leave ana", "claim ana", "complete bob", "claim bob", "release ana", "claim ana"],
      ...["add bob", "add bob", "init Test"],
    ]);
    expect(ok(await log(bob, { resource: "T1", actor: "ana" })).value.map(({ op }) => op)).toEqual([
      "release",
      "claim",
    ]);
    expect(ok(await log(bob, { resource: "file:src/physics/a.c", limit: 1 })).value.map(({ op }) => op)).toEqual([
      "release",
    ]);
  });

  test("of many at once: every task has one holder, and everybody got one", async () => {
    const { here, there, server, sandbox } = await team();
    const bob = await here.open("bob");
    for (const title of ["a", "b", "c", "d"]) ok(await add(bob, { title }));
    const windows = await Promise.all(
      [here, there, here, there].map((machine, index) => machine.open(`window-${index}`)),
    );
    const claims = await Promise.all(windows.map((window) => claim(window)));
    expect(claims.map((outcome) => ok(outcome).value.task.id).sort()).toEqual(["T001", "T002", "T003", "T004"]);
    const { leases } = ok(await status(bob)).value;
    expect(new Set(leases.map(({ holder }) => holder)).size).toBe(4);
    expect(await sandbox.git(server.path, "rev-list", "--count", "coordination")).toBe("9");
  });

  test("of locks: taken together, given back, and the rest stays", async () => {
    const { here } = await team();
    const ana = await here.open("ana");
    const taken = ok(
      await lock(ana, { locks: ["build", "lock:gpu"], files: ["./src//a.c"], ttl: "1h30m", reason: "a build" }),
    );
    expect(taken.value.leases.map(({ fence }) => fence)).toEqual([taken.seq, taken.seq, taken.seq]);
    expect(ok(await unlock(ana, { locks: ["BUILD"] })).value.released).toEqual([{ kind: "lock", name: "build" }]);
    expect(no(await unlock(ana, { locks: ["build", "gpu"] }), "refused").refusal).toMatchObject({ kind: "lost" });
    expect(ok(await unlock(ana, { all: true })).value.released).toHaveLength(2);
    expect(ok(await unlock(ana, { all: true })).value).toMatchObject({ released: [], changed: false });
  });

  test("of breaking: by bare names too, also when this clone has not seen the task yet", async () => {
    const { here, there } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    ok(await status(bob));
    ok(await add(ana, { title: "a task" }));
    ok(await claim(ana, { locks: ["gpu"] }));
    expect(no(await breakLeases(bob, { resources: ["t1"], reason: "gone" }), "refused").refusal).toMatchObject({
      kind: "held",
    });
    const broken = ok(await breakLeases(bob, { resources: ["t1", "gpu"], force: true, reason: "gone" })).value.broken;
    expect(broken.map(({ resource }) => resource)).toEqual([
      { kind: "task", name: "T001" },
      { kind: "lock", name: "gpu" },
    ]);
    expect(no(await complete(ana, "T1"), "refused").refusal).toMatchObject({ kind: "lost", now: null });
  });

  test("of settings: the values in force, and one changed", async () => {
    const { here } = await team();
    const ana = await here.open("ana");
    expect(ok(await configure(ana, "file LOCK time", "2m")).value).toMatchObject({
      setting: { name: "File lock time", value: "2m" },
      changed: true,
    });
    const rows = ok(await settings(ana)).value;
    expect(rows.find(({ name }) => name === "File lock time")?.value).toBe("2m");
    expect(no(await configure(ana, "Strict", "perhaps"), "refused").refusal.kind).toBe("bad_setting");
    expect(no(await configure(ana, "Colour", "red"), "refused").refusal.kind).toBe("no_such_setting");
  });

  test("one id on two machines belongs to the first", async () => {
    const { here, there } = await team();
    ok(await lock(await here.open("ana"), { locks: ["build"] }));
    for (const attempt of [join, renew, leave]) {
      const refusal = no(await attempt(await there.open("Ana")), "refused").refusal;
      expect(refusal).toMatchObject({ kind: "identity_taken", orchestrator: { id: "ana" } });
    }
    ok(await leave(await here.open("ana")));
    ok(await join(await there.open("ana")));
  });

  test("a fresh id is the time of joining and four digits", async () => {
    const { here } = await team();
    const random = { opId: () => crypto.randomUUID().replaceAll("-", ""), uniform: () => 0.78421 };
    expect(ok(await join(await here.open(null, { random }))).value.orchestrator.id).toBe("orch-1430-7842");
  });

  test("a fresh id that another machine has drawn too is drawn again", async () => {
    const { here, there } = await team();
    const dice = (...rolls: number[]) => ({
      opId: () => crypto.randomUUID().replaceAll("-", ""),
      uniform: () => rolls.shift() ?? 0.5,
    });
    const ids = [await here.open(null, { random: dice(0.1) }), await there.open(null, { random: dice(0.1, 0.2) })];
    const joined = [];
    for (const coordination of ids) joined.push(ok(await join(coordination)).value.orchestrator.id);
    expect(joined).toEqual(["orch-1430-1000", "orch-1430-2000"]);
  });
});

describe("a hand edit", () => {
  test("lands as the git user's when nobody else has changed the board", async () => {
    const { here, sandbox, server } = await team();
    const ana = await here.open("ana");
    ok(await add(ana, { title: "a task" }));
    const { value: text, commit } = ok(await boardText(ana));
    const landed = ok(await apply(ana, text.replace("a task", "a better task"), commit));
    expect(landed.value.changes).toEqual([{ change: "changed", what: "task", name: "T001" }]);
    expect(await sandbox.git(server.path, "log", "-1", "--format=%an %s", "coordination")).toBe(
      "Test edit: T001 changed",
    );
    expect(ok(await apply(ana, ok(await boardText(ana)).value)).value.changes).toEqual([]);
  });

  test("is stale when somebody else was first, and nothing of either is lost", async () => {
    const { here, there } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    const { value: text, commit } = ok(await boardText(ana));
    ok(await add(bob, { title: "bob's task" }));
    const edited = `${text}\nA note.\n`;
    for (const base of [null, commit]) {
      const { changes } = no(await apply(ana, edited, base), "stale_edit");
      expect(changes).toMatchObject([{ change: "added", what: "task", name: "T001" }]);
    }
    expect(ok(await boardText(ana)).value).toContain("bob's task");
  });

  test("that cannot be read, contradicts itself or has no known base is refused with the lines", async () => {
    const { here } = await team();
    const ana = await here.open("ana");
    ok(await lock(ana, { locks: ["build"] }));
    const { value: text } = ok(await boardText(ana));
    const twice = text.replace(
      "|----|----------|------|------|------------|-------|\n",
      (rule) => `${rule}| T1 | 1 | a | - | - | - |\n| t01 | 1 | b | - | - | - |\n`,
    );
    const { problem } = no(await apply(ana, twice), "usage");
    expect(problem).toMatchObject({
      code: "bad_board_file",
      problems: [{ code: "duplicate_task", line: expect.any(Number) }],
    });
    expect(
      no(await apply(ana, text.replace("**Fence** | 2", "**Fence** | 99")), "usage").problem.problems,
    ).toMatchObject([{ code: "future_fence" }]);
    expect(no(await apply(ana, "# nothing\n"), "usage").problem.code).toBe("bad_board_file");
    for (const base of ["foo", "HEAD", "0".repeat(40), "../x"])
      expect(no(await apply(ana, text, base), "usage").problem.code).toBe("bad_base");
  });
});

describe("a broken environment is thrown, and never looks like an empty board", () => {
  test("when the remote is gone", async () => {
    const { here, server } = await team();
    const ana = await here.open("ana");
    ok(await lock(ana, { locks: ["build"] }));
    await rename(server.path, `${server.path}.away`);
    const attempts = [status, ready, log, boardText, settings, join, renew, leave] as const;
    for (const attempt of attempts) expect(await thrown(attempt(ana))).toMatchObject({ code: "unreachable" });
    expect(await thrown(lock(ana, { locks: ["build"] }))).toMatchObject({ code: "unreachable" });
    expect(ok(await status(ana, { offline: true })).value.leases).toHaveLength(1);
    await rename(`${server.path}.away`, server.path);
    expect(ok(await status(ana)).value.leases).toHaveLength(1);
  });

  test("when a hook of the server refuses, with its words", async () => {
    const { here, server } = await team();
    await refusePushes(server, "GH006: Protected branch update failed");
    const data = await thrown(lock(await here.open("ana"), { locks: ["build"] }));
    expect(data).toMatchObject({ code: "remote_refused", words: expect.stringContaining("GH006") });
    expect(ok(await status(await here.open("ana"))).value.leases).toEqual([]);
  });
});
