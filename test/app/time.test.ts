import { describe, expect, test } from "vitest";
import {
  add,
  breakLeases,
  claim,
  complete,
  configure,
  lock,
  log,
  type Notice,
  ready,
  renew,
  status,
} from "../../src/index.ts";
import { HOUR, MINUTE, no, ok, SECOND, START, team, thrown } from "./team.ts";

describe("an expired lock", () => {
  test("goes to whoever asks once the clock is past its expiry and the tolerance, with the evidence in the log", async () => {
    const { here, there, pass } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    const old = ok(await lock(ana, { locks: ["build"], ttl: "1m" })).value.leases[0]?.fence ?? 0;
    pass(MINUTE + 30 * SECOND);
    expect(no(await lock(bob, { locks: ["build"] }), "refused").refusal).toMatchObject({ kind: "held", expired: true });
    pass(1);
    const [taken] = ok(await lock(bob, { locks: ["build"] })).value.leases;
    expect(taken).toMatchObject({ holder: "bob" });
    expect(taken?.fence).toBeGreaterThan(old);
    const [entry] = ok(await log(bob, { resource: "lock:build", limit: 1 })).value;
    expect(entry?.evidence).toEqual([
      {
        kind: "clock",
        resource: "lock:build",
        holder: "ana",
        fence: old,
        expires: START + MINUTE,
        clock: START + 90 * SECOND + 1,
      },
    ]);
  });

  test("is lost to its late holder, who is told so once by renew and by every further use", async () => {
    const { here, there, pass } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    ok(await lock(ana, { locks: ["build"], ttl: "1m" }));
    ok(await lock(ana, { files: ["src/"], ttl: "2h" }));
    pass(2 * MINUTE);
    ok(await lock(bob, { locks: ["build"] }));
    expect(no(await renew(ana), "refused").refusal).toMatchObject({
      kind: "lost",
      resource: { name: "build" },
      now: { holder: "bob" },
    });
    expect(ok(await renew(ana)).value.leases.map(({ resource }) => resource.name)).toEqual(["src/"]);
    expect(no(await lock(ana, { locks: ["build"] }), "refused").refusal).toMatchObject({
      kind: "held",
      lease: { holder: "bob" },
    });
  });

  test("is lost too when it went to somebody else and came back free meanwhile", async () => {
    const { here, there } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    ok(await lock(ana, { locks: ["build"] }));
    ok(await breakLeases(bob, { resources: ["build"], force: true, reason: "test" }));
    ok(await lock(ana, { locks: ["gpu"] }));
    expect(no(await renew(await here.open("ana")), "refused").refusal).toMatchObject({
      kind: "lost",
      resource: { name: "build" },
      now: null,
    });
  });

  test("that nobody took is its holder's again, under a new fence", async () => {
    const { here, pass } = await team();
    const ana = await here.open("ana");
    const old = ok(await lock(ana, { locks: ["build"], ttl: "1m" })).value.leases[0]?.fence ?? 0;
    pass(HOUR);
    const { leases } = ok(await renew(ana)).value;
    expect(leases[0]?.fence).toBeGreaterThan(old);
    ok(await renew(ana));
  });

  test("can be broken, which gives it to nobody", async () => {
    const { here, there, pass } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    ok(await lock(ana, { locks: ["build"] }));
    expect(no(await breakLeases(bob, { resources: ["build"], reason: "gone" }), "refused").refusal.kind).toBe("held");
    pass(11 * MINUTE);
    ok(await breakLeases(bob, { resources: ["build"], reason: "gone" }));
    expect(ok(await status(bob)).value.leases).toEqual([]);
  });
});

describe("a crashed orchestrator's task", () => {
  test("is ready again when its session is over, and whoever claims it has it", async () => {
    const { here, there, pass } = await team();
    const [ana, bob] = [await here.open("ana"), await there.open("bob")];
    ok(await add(ana, { title: "a task" }));
    ok(await claim(ana, { task: "T1", files: ["src/"] }));
    pass(15 * MINUTE);
    expect(ok(await ready(bob)).value).toEqual([]);
    pass(MINUTE);
    expect(ok(await ready(bob)).value.map(({ id, claimedBy }) => [id, claimedBy])).toEqual([["T001", "ana"]]);
    ok(await claim(bob, { files: ["src/a.c"] }));
    expect(no(await complete(ana, "T1"), "refused").refusal).toMatchObject({ kind: "lost", now: { holder: "bob" } });
  });
});

describe("with Clock trust none", () => {
  test("a lease is taken only after this machine has watched it unchanged for its whole time", async () => {
    const { here, there, pass } = await team();
    ok(await configure(await here.open("ana"), "Clock trust", "none"));
    ok(await lock(await here.open("ana"), { locks: ["build"], ttl: "1m" }));
    there.clock.shift(24 * HOUR);
    const attempt = async () => lock(await there.open("bob"), { locks: ["build"] });
    expect(no(await attempt(), "refused").refusal).toMatchObject({ kind: "held", expired: true });
    pass(90 * SECOND);
    no(await attempt(), "refused");
    pass(1);
    ok(await attempt());
    const [entry] = ok(await log(await there.open("bob"), { limit: 1 })).value;
    expect(entry?.evidence).toMatchObject([{ kind: "observed", resource: "lock:build", holder: "ana" }]);
  });

  test("a renewal or a restart of the machine begins the watch anew", async () => {
    const { here, there, pass } = await team();
    ok(await configure(await here.open("ana"), "Clock trust", "none"));
    ok(await lock(await here.open("ana"), { locks: ["build"], ttl: "1m" }));
    const attempt = async () => lock(await there.open("bob"), { locks: ["build"] });
    no(await attempt(), "refused");
    pass(80 * SECOND);
    ok(await renew(await here.open("ana"), { ttl: "1m" }));
    no(await attempt(), "refused");
    pass(80 * SECOND);
    no(await attempt(), "refused");
    there.clock.reboot();
    pass(260 * SECOND);
    no(await attempt(), "refused");
    pass(200 * SECOND);
    ok(await attempt());
  });
});

describe("clocks that differ", () => {
  const behind = (notices: readonly Notice[]) => notices.filter(({ kind }) => kind === "clock_behind");

  test("by more than the eye overlooks are told, and the ledger's time never runs backwards", async () => {
    const { here, there } = await team();
    there.clock.shift(2 * HOUR);
    ok(await add(await there.open("bob"), { title: "from the future" }));
    const late = ok(await add(await here.open("ana"), { title: "from now" }));
    expect(behind(late.notices)).toEqual([{ kind: "clock_behind", by: 2 * HOUR }]);
    expect(behind(ok(await status(await there.open("bob"))).notices)).toEqual([]);
    const times = ok(await log(await here.open("ana"))).value.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  test("cannot be used to take what is live on an honest clock", async () => {
    const { here, there } = await team();
    ok(await lock(await here.open("ana"), { locks: ["build"] }));
    there.clock.shift(2 * HOUR);
    ok(await add(await there.open("bob"), { title: "drags the ledger ahead" }));
    const refusal = no(await lock(await here.open("eve"), { locks: ["build"] }), "refused").refusal;
    expect(refusal).toMatchObject({ kind: "held", expired: false });
  });

  test("by more than a day are refused as a base", async () => {
    const { here, there } = await team();
    there.clock.shift(25 * HOUR);
    ok(await add(await there.open("bob"), { title: "from tomorrow" }));
    const data = await thrown(
      status(await here.open("ana")).then(async () => add(await here.open("ana"), { title: "now" })),
    );
    expect(data).toMatchObject({ code: "far_ahead", at: START + 25 * HOUR, clock: START });
  });
});

describe("a push whose outcome was left open", () => {
  test("is settled by the next command, which says so", async () => {
    const { here, there } = await team();
    const ana = await here.open("ana");
    const { commit } = ok(await lock(ana, { locks: ["build"] }));
    const { ledger } = await here.open("ana");
    const base = await ledger.remote.knownTip();
    ok(await add(await there.open("bob"), { title: "meanwhile" }));
    const leave = async (subject: string, commit: string, base: string | null) => {
      const pending = { commit, base, startedAt: START, requests: [{ opId: "of-a-dead-process", subject, commit }] };
      await ledger.pending.put(pending, []);
      await ledger.pending.abandon(pending);
    };
    await leave("lock build: ana", commit, null);
    await leave("never landed", "1".repeat(40), base);
    const { notices } = ok(await lock({ ...ana, ledger }, { locks: ["gpu"] }));
    const outcomes = notices.flatMap((notice) =>
      notice.kind === "settled" ? [`${notice.settlement.record.subject}: ${notice.settlement.outcome}`] : [],
    );
    expect(outcomes.sort()).toEqual(["lock build: ana: landed", "never landed: never_landed"]);
    expect(await ledger.pending.list()).toEqual([]);
  });
});
