import { describe, expect, test } from "vitest";
import { apply, boardText, breakLeases, join, lock, report, timeline, unlock, verify, who } from "../../src/index.ts";
import { MINUTE, no, ok, SECOND, START, team } from "./team.ts";

const iso = (at: number) => new Date(at).toISOString();

describe("who held it", () => {
  test("is told by the board of that time, with the end that came later", async () => {
    const { here, there, pass } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    const first = ok(await lock(ana, { locks: ["build"] }));
    pass(5 * MINUTE);
    ok(await unlock(ana, { all: true }));
    pass(MINUTE);
    ok(await lock(bob, { locks: ["build"], files: ["src/"] }));
    pass(MINUTE);

    const then = ok(await who(ana, "build", iso(START + 2 * MINUTE))).value;
    expect(then.holders).toEqual([
      {
        ...{ resource: "lock:build", holder: "ana", fence: first.seq, over: false },
        ...{ since: START, until: START + 5 * MINUTE },
      },
    ]);
    expect(ok(await who(ana, "lock:build", iso(START + 5.5 * MINUTE))).value.holders).toEqual([]);
    expect(ok(await who(ana, "build")).value.holders).toMatchObject([{ holder: "bob", until: START + 16 * MINUTE }]);
    expect(ok(await who(ana, "file:src/main.c", "1s")).value.holders).toMatchObject([{ resource: "file:src/" }]);
    expect(ok(await who(ana, "build", iso(START - MINUTE))).value).toMatchObject({ holders: [], commit: null });
    no(await who(ana, "build", "yesterday"), "usage");
  });

  test("says until when a renewed lease stood, and that one ran out", async () => {
    const { here, there, pass } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    ok(await lock(ana, { locks: ["build"] }));
    pass(6 * MINUTE);
    ok(await lock(ana, { locks: ["build"] }));
    pass(20 * MINUTE);
    expect(ok(await who(ana, "build")).value.holders).toMatchObject([{ holder: "ana", over: true }]);
    ok(await lock(bob, { locks: ["build"] }));
    const { holders } = ok(await who(bob, "build", iso(START + MINUTE))).value;
    expect(holders).toMatchObject([{ holder: "ana", until: START + 16 * MINUTE, over: false }]);
  });
});

test("a timeline has every hold with its end", async () => {
  const { here, there, pass } = await team();
  const [ana, bob] = [await here.open("ana"), await there.open("bob")];
  ok(await lock(ana, { locks: ["build", "gpu", "docs"], files: ["src/"] }));
  pass(MINUTE);
  ok(await unlock(ana, { locks: ["docs"] }));
  ok(await breakLeases(bob, { resources: ["gpu"], force: true, reason: "ana is gone" }));
  pass(20 * MINUTE);
  ok(await lock(bob, { files: ["src/main.c"] }));
  ok(await lock(ana, { locks: ["build"] }));
  const { holds } = ok(await timeline(ana)).value;
  const ends = holds.map(({ resource, holder, end, from, to }) => [
    resource,
    holder,
    end,
    from - START,
    to && to - START,
  ]);
  expect(ends.toSorted()).toEqual(
    [
      ["lock:build", "ana", "expired", 0, 10 * MINUTE],
      ["lock:gpu", "ana", "broken", 0, MINUTE],
      ["lock:docs", "ana", "released", 0, MINUTE],
      ["file:src/", "ana", "taken", 0, 5 * MINUTE],
      ["file:src/main.c", "bob", "open", 21 * MINUTE, null],
      ["lock:build", "ana", "open", 21 * MINUTE, null],
    ].toSorted(),
  );
  const taken = holds.find(({ end }) => end === "taken");
  expect(taken).toMatchObject({
    endedBy: "bob",
    byHand: false,
    granted: expect.any(String),
    ended: expect.any(String),
  });

  const early = ok(await timeline(ana, { until: iso(START + 30 * SECOND) })).value;
  expect(early.holds.map(({ end }) => end)).toEqual(["open", "open", "open", "open"]);
  const late = ok(await timeline(ana, { since: iso(START + 15 * MINUTE) })).value;
  expect(late.holds.map(({ resource }) => resource).toSorted()).toEqual(["file:src/main.c", "lock:build"]);
});

test("a report counts holds, times, breaks and takeovers, of the range that is asked for", async () => {
  const { here, there, pass } = await team();
  const [ana, bob] = [await here.open("ana"), await there.open("bob")];
  ok(await lock(ana, { locks: ["build"], files: ["src/"] }));
  pass(4 * MINUTE);
  ok(await breakLeases(bob, { resources: ["build"], force: true, reason: "ana is gone" }));
  pass(10 * MINUTE);
  ok(await lock(bob, { files: ["src/"] }));
  pass(MINUTE);
  const whole = ok(await report(ana)).value;
  expect(whole).toMatchObject({ commits: 4, manualEdits: 0, manualShare: 0 });
  expect(whole.resources).toMatchObject([
    { name: "file:src/", holds: 2, held: 6 * MINUTE, longestHold: 5 * MINUTE, taken: 1, broken: 0 },
    { name: "lock:build", holds: 1, held: 4 * MINUTE, taken: 0, broken: 1 },
  ]);
  expect(whole.orchestrators).toMatchObject([
    { name: "ana", holds: 2, taken: 1, broken: 1, commits: 1, breaks: 0, takeovers: 0 },
    { name: "bob", holds: 1, taken: 0, broken: 0, commits: 2, breaks: 1, takeovers: 1 },
  ]);
  const last = ok(await report(ana, { since: "2m" })).value;
  expect(last.resources).toMatchObject([{ name: "file:src/", held: MINUTE }]);
  expect(last.commits).toBe(1);
});

describe("verify", () => {
  test("finds nothing in honest work, and replays each commit once", async () => {
    const { here } = await team();
    const ana = await here.open("ana");
    ok(await lock(ana, { locks: ["build"] }));
    expect(ok(await verify(ana)).value).toEqual({ seq: 2, commits: 2, replayed: 2, findings: [], edits: [] });
    ok(await unlock(ana, { all: true }));
    expect(ok(await verify(ana)).value).toMatchObject({ commits: 3, replayed: 1, findings: [] });
    expect(ok(await verify(ana)).value).toMatchObject({ commits: 3, replayed: 0 });
    expect(ok(await verify(ana, { full: true })).value).toMatchObject({ commits: 3, replayed: 3, findings: [] });
  });

  test("lists hand edits, and objects to those that touch leases", async () => {
    const { here } = await team();
    const ana = await here.open("ana");
    ok(await lock(ana, { locks: ["build"] }));
    const edit = async (change: (text: string) => string) => {
      const before = ok(await boardText(ana));
      return ok(await apply(ana, change(before.value), before.commit));
    };
    ok(await join(ana));
    await edit((text) => text.replace("# Master Coordination", "# Master Coordination of the physics engine"));
    expect(ok(await verify(ana)).value).toMatchObject({ findings: [], edits: [{ author: "Test" }] });
    const freed = await edit((text) => text.replace(/(\*\*Locked By\*\* \|) ana \|/, "$1 none |"));
    const { findings, edits } = ok(await verify(ana)).value;
    expect(edits).toHaveLength(2);
    expect(findings).toMatchObject([
      { code: "manual_edit", severity: "warning", commit: freed.commit, actor: "Test", seq: freed.seq },
    ]);
    expect(findings[0]?.changes).toContainEqual({ change: "removed", what: "lease", name: "lock:build ana" });
  });

  test("reports a branch that was rewritten, instead of giving up", async () => {
    const { here, there, server, sandbox } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    ok(await lock(bob, { locks: ["gpu"] }));
    const seen = ok(await lock(ana, { locks: ["build"] }));
    ok(await verify(ana));
    await sandbox.git(server.path, "update-ref", "refs/heads/coordination", "coordination~1");
    expect(ok(await verify(ana)).value.findings).toMatchObject([{ code: "rewritten", commit: seen.commit }]);
  });
});
