import { expect, test } from "vitest";
import { EMPTY_BOARD } from "../../src/domain/board.ts";
import { pushShare } from "../../src/domain/push-budget.ts";
import { ana, HOUR, join, MINUTE, Scene, SECOND, set } from "./scene.ts";

/** A board with one orchestrator on each of so many machines. */
function fleet(budget: string, machines: number): Scene {
  const scene = new Scene();
  for (let each = 1; each <= machines; each += 1) {
    scene.grant({ ...ana, id: `orch-${each}`, host: `machine-${each}` }, join);
  }
  scene.grant(ana, set("Push budget", budget));
  return scene;
}

test.each([
  ["6/min", 1, 6, MINUTE],
  ["6/min", 2, 3, MINUTE],
  ["6/min", 4, 1, MINUTE],
  ["6/min", 6, 1, MINUTE],
  ["6/min", 30, 1, 5 * MINUTE],
  ["120/min", 8, 15, MINUTE],
])("of %s each of %i machines has %i pushes in %i ms", (budget, machines, pushes, within) => {
  const scene = fleet(budget, machines);
  expect(pushShare(scene.board, scene.at)).toEqual({ pushes, within });
});

test("orchestrators of one machine share its share, whatever they call it", () => {
  const scene = fleet("6/min", 1);
  scene.grant({ ...ana, id: "other", host: "machine-1 (reviewer)" }, join);
  expect(pushShare(scene.board, scene.at)).toEqual({ pushes: 6, within: MINUTE });
});

test("machines whose sessions are over have none", () => {
  const scene = fleet("6/min", 12);
  expect(pushShare(scene.board, scene.at)?.within).toBe(2 * MINUTE);
  expect(pushShare(scene.board, scene.at + HOUR + SECOND)).toEqual({ pushes: 6, within: MINUTE });
});

test("without a budget nobody counts", () => {
  expect(pushShare(EMPTY_BOARD, 0)).toBeNull();
  const scene = fleet("none", 3);
  expect(pushShare(scene.board, scene.at)).toBeNull();
});
