import { describe, expect, test } from "vitest";
import { reportFailure } from "../../src/cli/words.ts";
import { BUILD } from "../../src/domain/resource.ts";
import type { Refusal } from "../../src/domain/verdict.ts";
import { failureResult } from "../../src/mcp/results.ts";
import { acquire, add, ana, bob, claim, Scene } from "../domain/scene.ts";

/** A board on which so many tasks can be claimed, the last one first, one waits for the others, and the build lock is held. */
function queueOf(count: number): Scene {
  const scene = new Scene();
  for (let task = 1; task <= count; task++) scene.grant(ana, add(`task ${task}`, { priority: task === count ? 1 : 3 }));
  scene.grant(ana, add("the end", { id: "END", after: ["T001"] }));
  scene.grant(ana, acquire([BUILD]));
  return scene;
}

const reported = (refusal: Refusal, { at }: Scene) => reportFailure({ kind: "refused", refusal }, at);

describe("a refusal says what is ready instead", () => {
  test("all of it, when that is not much", () => {
    const scene = queueOf(100);
    const report = reported(scene.refused(bob, acquire([BUILD]), "held"), scene);
    expect(report.data?.ready).toHaveLength(100);
    expect(report.data).not.toHaveProperty("readyTotal");
  });

  test("the hundred that would be claimed first, and how many there are, when it is more", () => {
    const scene = queueOf(101);
    const best = ["T101", ...Array.from({ length: 99 }, (_, task) => `T${String(task + 1).padStart(3, "0")}`)];
    for (const refusal of [
      scene.refused(bob, acquire([BUILD]), "held"),
      scene.refused(bob, claim("END"), "task_blocked"),
    ]) {
      const report = reported(refusal, scene);
      expect(report.data).toMatchObject({ ready: best, readyTotal: 101 });
      expect(report.hint).toContain("T101, T001, T002, T003, T004 and 96 more");
      expect(failureResult(report, {}).structuredContent).toMatchObject({ ready: best, readyTotal: 101 });
    }
  });
});
