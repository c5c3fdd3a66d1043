import { describe, expect, test } from "vitest";
import { lock } from "../../src/domain/resource.ts";
import { ruleOnFences } from "../../src/guard/fence.ts";
import { acquire, ana, Scene } from "../domain/scene.ts";

/** Ana holds `build` under fence 2 and `gpu` under fence 3. */
const scene = new Scene();
scene.grant(ana, acquire([lock("build")]));
scene.grant(ana, acquire([lock("gpu")]));

describe("COORD_FENCE", () => {
  test.each(["2", "3", "2\n3", "lock:build=2, lock:gpu=3"])("%j is what its holder has", (fences) => {
    expect(ruleOnFences(scene.board, fences, ana.id, scene.at)).toEqual({ pass: true, remarks: [] });
  });

  test.each(["4", "x2", "-2", "2.2", "lock:gpu=2", "1000000000000000002", "lock:build"])("%j is not", (fences) => {
    const remarks = [{ kind: "stale_fence", fence: fences, identity: ana.id }];
    expect(ruleOnFences(scene.board, fences, ana.id, scene.at)).toEqual({ pass: false, remarks });
  });
});
