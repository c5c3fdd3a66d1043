import { describe, expect, test } from "vitest";
import { EMPTY_BOARD } from "../../src/domain/board.ts";
import { contradictions } from "../../src/domain/consistency.ts";
import { formatLockRule, parseLockRule, ruleOf } from "../../src/domain/lock-rule.ts";
import type { Actor } from "../../src/domain/request.ts";
import { BUILD, lock } from "../../src/domain/resource.ts";
import { initialSettings, listSettings } from "../../src/domain/settings.ts";
import { acquire, actor, ana, bob, eve, leave, renew, Scene, set, unlock } from "./scene.ts";

const gpu = lock("gpu");
const on = (id: string, host: string): Actor => ({ ...actor(id), host });
const [one, two, three] = [on("one", "big"), on("two", "big"), on("three", "small")];

describe("the rule of a named lock", () => {
  test.each([
    ["3 slots, host", { slots: 3, scope: "host" }],
    ["1 slot, fleet", { slots: 1, scope: "fleet" }],
    ["slots 2", { slots: 2, scope: "fleet" }],
    ["per host", { slots: 1, scope: "host" }],
    ["Scope: HOST; slots: 4", { slots: 4, scope: "host" }],
    ["5", { slots: 5, scope: "fleet" }],
  ] as const)("%j is read", (text, rule) => {
    expect(parseLockRule(text)).toEqual(rule);
    expect(parseLockRule(formatLockRule(rule))).toEqual(rule);
  });

  test.each(["", "slots", "0 slots", "1000", "2 3", "host fleet", "many", "1.5 slots", "-1"])("%j is not", (text) => {
    expect(parseLockRule(text)).toBeNull();
  });

  test("is one slot for the whole fleet when nobody declared it; build is declared from the start", () => {
    expect(ruleOf(EMPTY_BOARD, gpu)).toEqual({ slots: 1, scope: "fleet" });
    expect(initialSettings()).toContainEqual({ name: "lock:build", value: "1 slot, fleet" });
    expect(listSettings(EMPTY_BOARD)).toContainEqual(expect.objectContaining({ name: "lock:build" }));
  });

  test("can be declared by hand in Settings, or by the Slots of Named Locks", () => {
    expect(ruleOf({ ...EMPTY_BOARD, settings: [{ name: "Lock:GPU", value: "2, host" }] }, gpu)).toEqual({
      slots: 2,
      scope: "host",
    });
    expect(ruleOf({ ...EMPTY_BOARD, locks: [{ name: "GPU", slots: 3 }] }, gpu)).toEqual({ slots: 3, scope: "fleet" });
  });
});

describe("declaring a lock", () => {
  test("stands in Settings, and in Named Locks also while nobody holds it", () => {
    const scene = new Scene();
    expect(scene.grant(ana, set("LOCK:gpu", "slots=2 host")).setting).toEqual({
      name: "lock:gpu",
      value: "2 slots, host",
    });
    expect(scene.board.locks).toEqual([{ name: "gpu", slots: 2 }]);
    scene.unchanged(ana, set("lock:GPU", "2 slots, host"));
    scene.grant(ana, set("lock:gpu", "3"));
    expect(scene.board.locks).toEqual([{ name: "gpu", slots: 3 }]);
    expect(contradictions(scene.board, scene.seq)).toEqual([]);
  });

  test("is refused with a rule that cannot be read, or with fewer places than are taken", () => {
    const scene = new Scene();
    expect(scene.refused(ana, set("lock:gpu", "lots"), "bad_setting").expected).toContain("3 slots");
    scene.grant(ana, set("lock:gpu", "2"));
    scene.grant(ana, acquire([gpu]));
    scene.grant(bob, acquire([gpu]));
    expect(scene.refused(eve, set("lock:gpu", "1"), "bad_setting").expected).toContain("ana, bob");
    scene.grant(bob, unlock(null));
    scene.grant(eve, set("lock:gpu", "1"));
  });

  test("in two places that differ is a contradiction", () => {
    const board = { ...EMPTY_BOARD, locks: [{ name: "gpu", slots: 2 }], settings: [{ name: "lock:gpu", value: "3" }] };
    expect(contradictions(board, 1).map(({ code }) => code)).toEqual(["contradictory_slots"]);
    const unreadable = { ...EMPTY_BOARD, settings: [{ name: "lock:gpu", value: "some" }] };
    expect(contradictions(unreadable, 1).map(({ code }) => code)).toEqual(["bad_setting"]);
  });
});

describe("a lock of scope host", () => {
  test("is counted machine by machine", () => {
    const scene = new Scene();
    scene.grant(ana, set("lock:build", "1 slot, host"));
    scene.grant(one, acquire([BUILD]));
    expect(scene.refused(two, acquire([BUILD]), "held").lease.holder).toBe("one");
    scene.grant(three, acquire([BUILD]));
    expect(contradictions(scene.board, scene.seq)).toEqual([]);
    scene.grant(one, unlock(null));
    scene.grant(two, acquire([BUILD]));
  });

  test("has so many slots on each machine", () => {
    const scene = new Scene();
    scene.grant(ana, set("lock:gpu", "2 slots, host"));
    for (const who of [one, two, three]) scene.grant(who, acquire([gpu]));
    scene.refused(on("four", "big (reviewer)"), acquire([gpu]), "held");
    scene.grant(on("five", "small"), acquire([gpu]));
  });

  test("cannot become one for the fleet while two machines hold it", () => {
    const scene = new Scene();
    scene.grant(ana, set("lock:build", "host"));
    scene.grant(one, acquire([BUILD]));
    scene.grant(three, acquire([BUILD]));
    scene.refused(ana, set("lock:build", "fleet"), "bad_setting");
  });

  test("keeps its holder on its machine: the same session seen elsewhere does not bring two to one machine", () => {
    const scene = new Scene();
    scene.grant(ana, set("lock:gpu", "host"));
    scene.grant(one, acquire([gpu]));
    scene.grant(three, acquire([gpu]));
    scene.grant({ ...one, host: "small" }, renew());
    expect(scene.row("one")?.host).toBe("big");
    expect(contradictions(scene.board, scene.seq)).toEqual([]);
    scene.grant({ ...one, host: "small" }, unlock(null));
    expect(scene.row("one")?.host).toBe("small");
  });

  test("of somebody on no machine that the board names counts on every machine", () => {
    const scene = new Scene();
    scene.grant(ana, set("lock:gpu", "host"));
    scene.grant(one, acquire([gpu]));
    scene.board = { ...scene.board, orchestrators: scene.board.orchestrators.filter(({ id }) => id !== "one") };
    scene.refused(three, acquire([gpu]), "held");
    scene.unchanged(ana, leave);
  });
});
