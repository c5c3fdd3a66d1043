import { describe, expect, test } from "vitest";
import { findOrchestrator, observe, observeSession } from "../../src/domain/expiry.ts";
import { observeWaiter } from "../../src/domain/line.ts";
import type { Actor } from "../../src/domain/request.ts";
import { BUILD, file, lock, type Resource, task } from "../../src/domain/resource.ts";
import { readSettings } from "../../src/domain/settings.ts";
import {
  acquire,
  actor,
  add,
  ana,
  bob,
  breaking,
  claim,
  eve,
  HOUR,
  leave,
  MINUTE,
  release,
  renew,
  Scene,
  SECOND,
  set,
  unlock,
  wait,
  withdraw,
} from "./scene.ts";

const dan = actor("dan");
const gpu = lock("gpu");
const GRACE = 20 * SECOND;

/** ana holds, the others wait for it in this order. */
function queueing(resource: Resource, ...others: readonly Actor[]): Scene {
  const scene = new Scene();
  scene.grant(ana, acquire([resource]));
  for (const who of others) scene.grant(who, wait([resource], scene.at + HOUR));
  return scene;
}

const turns = (scene: Scene) =>
  scene.board.waiters.filter(({ turn }) => turn !== null).map(({ orchestrator }) => orchestrator);

/** This machine has watched everything on the board for long enough. */
function watched(scene: Scene): void {
  const settings = readSettings(scene.board);
  scene.observed = [
    ...scene.board.leases.map((lease) => observe(scene.board, lease)),
    ...scene.board.waiters.map((row) => observeWaiter(row, settings)),
    ...scene.board.orchestrators.map((row) => observeSession(row, settings)),
  ];
}

describe("the line", () => {
  test("is entered once, in order, and kept when asked again", () => {
    const scene = queueing(BUILD, bob, eve);
    scene.unchanged(bob, wait([BUILD], scene.at + HOUR));
    scene.grant(bob, wait([BUILD], scene.at + 2 * HOUR));
    expect(scene.board.waiters.map(({ orchestrator }) => orchestrator)).toEqual(["bob", "eve"]);
    expect(scene.board.waiters[0]?.until).toBe(scene.at + 2 * HOUR);
  });

  test("is told in a refusal: the own place, or the one behind the last", () => {
    const scene = queueing(BUILD, bob, eve);
    expect(scene.refused(eve, acquire([BUILD]), "held")).toMatchObject({ place: 2, waiting: 2, isKept: false });
    expect(scene.refused(dan, acquire([BUILD]), "held")).toMatchObject({ place: 3, waiting: 2 });
  });

  test("is not for what one holds", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([BUILD, gpu]));
    scene.unchanged(ana, wait([BUILD, gpu], scene.at + HOUR));
    expect(scene.board.waiters).toEqual([]);
  });

  test.each([
    ["a release", (scene: Scene) => scene.grant(ana, unlock(null))],
    ["leaving", (scene: Scene) => scene.grant(ana, leave)],
    ["a broken lease", (scene: Scene) => scene.grant(dan, breaking([BUILD], true))],
    ["more slots", (scene: Scene) => scene.grant(dan, set("lock:build", "2"))],
  ])("%s hands over to the first in line, in the same commit", (_what, free) => {
    const scene = queueing(BUILD, bob, eve);
    expect(turns(scene)).toEqual([]);
    scene.later(MINUTE);
    free(scene);
    expect(turns(scene)).toEqual(["bob"]);
    expect(scene.board.waiters[0]?.turn).toBe(scene.at);
    expect(scene.refused(eve, acquire([BUILD]), "held")).toMatchObject({
      isKept: true,
      lease: { holder: "bob", since: scene.at, expires: scene.at + GRACE, fence: null },
    });
    expect(scene.refused(dan, acquire([BUILD]), "held").isKept).toBe(true);
    scene.grant(bob, acquire([BUILD]));
    expect(scene.board.waiters.map(({ orchestrator, turn }) => [orchestrator, turn])).toEqual([["eve", null]]);
  });

  test("serves a task's release as well", () => {
    const scene = new Scene();
    scene.grant(ana, add("a task"));
    scene.grant(ana, claim("T1", { with: [BUILD] }));
    scene.grant(bob, wait([BUILD], scene.at + HOUR));
    scene.grant(ana, release("T1"));
    expect(turns(scene)).toEqual(["bob"]);
  });

  test("goes on when somebody leaves it, also in its turn", () => {
    const scene = queueing(BUILD, bob, eve, dan);
    scene.grant(eve, withdraw([BUILD]));
    scene.unchanged(eve, withdraw([BUILD]));
    scene.grant(ana, unlock(null));
    scene.grant(bob, withdraw([BUILD]));
    expect(turns(scene)).toEqual(["dan"]);
    scene.grant(dan, leave);
    expect(scene.board.waiters).toEqual([]);
  });

  test("holds nobody up who holds the lock already", () => {
    const scene = queueing(BUILD, bob);
    scene.later(6 * MINUTE);
    scene.grant(ana, acquire([BUILD]));
    scene.grant(ana, renew());
    expect(scene.holder(BUILD)).toBe("ana");
  });

  test("gives as many turns as there are free slots", () => {
    const scene = new Scene();
    scene.grant(ana, set("lock:gpu", "2"));
    for (const who of [ana, bob]) scene.grant(who, acquire([gpu]));
    for (const who of [eve, dan, actor("fay")]) scene.grant(who, wait([gpu], scene.at + HOUR));
    scene.grant(bob, unlock(null));
    expect(turns(scene)).toEqual(["eve"]);
    scene.refused(dan, acquire([gpu]), "held");
    scene.grant(ana, unlock(null));
    expect(turns(scene)).toEqual(["eve", "dan"]);
    scene.grant(dan, acquire([gpu]));
    scene.refused(actor("fay"), acquire([gpu]), "held");
    scene.grant(eve, acquire([gpu]));
  });

  test("keeps a file from whoever wants a folder around it", () => {
    const scene = queueing(file("src/a.ts"), bob);
    scene.grant(ana, unlock(null));
    expect(scene.refused(eve, acquire([file("src/")]), "held").isKept).toBe(true);
    scene.grant(eve, acquire([file("docs/")]));
    scene.grant(bob, acquire([file("SRC/A.ts")]));
  });

  test("takes several things all at once, and keeps none of them idle before", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([gpu]));
    scene.grant(bob, wait([BUILD, gpu], scene.at + HOUR));
    // build is free, but of no use to bob yet.
    scene.grant(eve, acquire([BUILD]));
    scene.grant(ana, unlock(null));
    expect(turns(scene)).toEqual([]);
    scene.grant(eve, unlock(null));
    expect(turns(scene)).toEqual(["bob", "bob"]);
    scene.refused(ana, acquire([gpu]), "held");
    scene.grant(bob, acquire([BUILD, gpu]));
    expect(scene.board.waiters).toEqual([]);
    expect(scene.lease(BUILD)?.fence).toBe(scene.lease(gpu)?.fence);
  });

  test("keeps whoever waits and holds nothing registered as long as it waits", () => {
    const scene = queueing(BUILD, bob);
    expect(scene.row("bob")?.expires).toBe(scene.at + HOUR);
    scene.grant(eve, add("a task"));
    scene.grant(eve, claim("T1"));
    scene.grant(eve, wait([BUILD], scene.at + HOUR));
    // A task goes back when its holder is silent, whatever it waits for.
    expect(scene.row("eve")?.expires).toBe(scene.at + 15 * MINUTE);
  });
});

describe("a turn that is not used", () => {
  test("passes to the next who has watched it for the grace, and costs nothing more", () => {
    const scene = queueing(BUILD, bob, eve, dan);
    scene.grant(ana, unlock(null));
    scene.later(GRACE);
    scene.refused(eve, acquire([BUILD]), "held");
    watched(scene);
    expect(scene.granted(eve, acquire([BUILD])).evidence).toMatchObject([
      { kind: "observed", resource: "waiting:lock:build", holder: "bob" },
    ]);
    expect(scene.board.waiters.map(({ orchestrator }) => orchestrator)).toEqual(["dan"]);
  });

  test("passes by the clock only when that is past the tolerance as well, and is trusted", () => {
    const scene = queueing(BUILD, bob);
    scene.grant(ana, unlock(null));
    scene.later(GRACE + 30 * SECOND);
    scene.refused(eve, acquire([BUILD]), "held");
    scene.later(1);
    const board = scene.board;
    expect(scene.granted(eve, acquire([BUILD])).evidence).toMatchObject([{ kind: "clock", holder: "bob" }]);
    scene.board = { ...board, settings: [{ name: "Clock trust", value: "none" }] };
    scene.refused(dan, acquire([BUILD]), "held");
  });

  test("goes past all the dead at once when they have been watched", () => {
    const scene = queueing(BUILD, bob, eve);
    scene.grant(ana, unlock(null));
    watched(scene);
    scene.later(2 * HOUR);
    expect(scene.granted(dan, acquire([BUILD])).evidence.map(({ holder }) => holder)).toEqual(["bob", "eve"]);
  });
});

describe("a dead holder with a line", () => {
  test("is taken over by the first in line only", () => {
    const scene = queueing(BUILD, bob, eve);
    scene.later(11 * MINUTE);
    expect(scene.refused(eve, acquire([BUILD]), "held")).toMatchObject({ isKept: true, lease: { holder: "bob" } });
    expect(scene.granted(bob, acquire([BUILD])).evidence.map(({ resource }) => resource)).toEqual(["lock:build"]);
  });

  test("is freed by the second, for a first that may be dead as well, without taking its turn", () => {
    const scene = queueing(BUILD, bob, eve);
    scene.later(11 * MINUTE);
    const { evidence } = scene.granted(eve, wait([BUILD], scene.at + 49 * MINUTE));
    expect(evidence.map(({ resource }) => resource)).toEqual(["lock:build"]);
    expect(scene.holder(BUILD)).toBeNull();
    expect(turns(scene)).toEqual(["bob"]);
    scene.later(GRACE + 30 * SECOND + 1);
    expect(scene.granted(eve, acquire([BUILD])).evidence.map(({ holder }) => holder)).toEqual(["bob"]);
  });
});

describe("whoever needs one thing of the dead", () => {
  test("frees all that they held, in the same commit; tasks return with a note of why", () => {
    const scene = new Scene();
    scene.grant(bob, add("a task"));
    scene.grant(ana, claim("T1", { with: [file("src/")] }));
    scene.grant(ana, acquire([BUILD], { ttl: MINUTE }));
    scene.grant(ana, wait([gpu], scene.at + MINUTE));
    scene.later(16 * MINUTE);
    expect(scene.granted(bob, acquire([BUILD])).evidence.map(({ resource }) => resource)).toEqual([
      "lock:build",
      "orchestrator:ana",
    ]);
    expect(findOrchestrator(scene.board, "ana")).toBeUndefined();
    expect(scene.board.leases.map(({ holder }) => holder)).toEqual(["bob"]);
    expect(scene.board.waiters).toEqual([]);
    expect(scene.task("T001")).toMatchObject({
      state: "queued",
      note: "given up by ana: its time was over at 2026-01-21T14:45:00Z",
    });
    scene.grant(bob, claim("T1"));
    expect(scene.task("T001")?.note).toBeNull();
  });

  test("frees nothing else of a holder whose session lives", () => {
    const scene = new Scene();
    scene.grant(ana, acquire([BUILD], { ttl: MINUTE }));
    scene.grant(ana, acquire([gpu], { ttl: HOUR }));
    scene.later(10 * MINUTE);
    scene.grant(bob, acquire([BUILD]));
    expect(scene.holder(gpu)).toBe("ana");
  });

  test("leaves a note when leaving, giving back or breaking, too", () => {
    const scene = new Scene();
    scene.grant(bob, add("a task"));
    scene.grant(ana, claim("T1"));
    scene.grant(ana, leave);
    expect(scene.task("T001")?.note).toBe("given up by ana, who left");
    scene.grant(ana, claim("T1"));
    scene.grant(ana, { ...release("T1"), note: "needs a GPU" });
    expect(scene.task("T001")?.note).toBe("needs a GPU");
    scene.grant(ana, claim("T1"));
    scene.grant(bob, breaking([task("T1")], true));
    expect(scene.task("T001")?.note).toBe("taken from ana by bob: its holder is gone");
  });
});

describe("the longest hold", () => {
  test("ends a lease however often it is renewed; then anybody may have it", () => {
    const scene = new Scene();
    scene.grant(bob, set("Longest hold", "25m"));
    const since = scene.at;
    scene.grant(ana, acquire([BUILD]));
    for (const _ of [1, 2]) {
      scene.later(9 * MINUTE);
      scene.grant(ana, renew());
    }
    expect(scene.lease(BUILD)?.expires).toBe(since + 25 * MINUTE);
    scene.later(8 * MINUTE);
    scene.grant(ana, renew());
    expect(scene.lease(BUILD)?.expires).toBe(since + 25 * MINUTE);
    scene.grant(bob, acquire([BUILD]));
  });

  test("counts for a long time that was asked for, and for tasks", () => {
    const scene = new Scene();
    scene.grant(bob, set("Longest hold", "25m"));
    scene.grant(bob, add("a task"));
    expect(scene.grant(ana, acquire([BUILD], { ttl: HOUR })).leases[0]?.expires).toBe(scene.at + 25 * MINUTE);
    scene.grant(ana, claim("T1"));
    for (const _ of [1, 2, 3]) {
      scene.later(9 * MINUTE);
      scene.grant(ana, renew());
    }
    expect(scene.granted(bob, claim("T1")).evidence).toMatchObject([{ resource: "task:T001" }]);
  });

  test("begins anew when its holder itself asks again", () => {
    const scene = new Scene();
    scene.grant(bob, set("Longest hold", "5m"));
    scene.grant(ana, acquire([BUILD]));
    scene.later(5 * MINUTE);
    const again = scene.grant(ana, acquire([BUILD])).leases[0];
    expect(again).toMatchObject({ fence: scene.seq, expires: scene.at + 5 * MINUTE });
  });
});
