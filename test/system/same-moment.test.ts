import { describe, expect, test } from "vitest";
import { type Clone, makeClone } from "../support/clone.ts";
import { httpServer } from "../support/http-server.ts";
import { pathServer } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { coordJson, race } from "./support/command.ts";
import { freshHistory } from "./support/history.ts";
import { recordsIn } from "./support/queue.ts";
import { allow } from "./support/scale.ts";

async function makeClones(count: number, make: () => Promise<Clone>): Promise<Clone[]> {
  const clones: Clone[] = [];
  while (clones.length < count) clones.push(await make());
  return clones;
}

const MACHINES = 8;

describe.each([
  ["a path", pathServer],
  ["http", httpServer],
] as const)("init over %s", (_, makeServer) => {
  test(
    `on ${MACHINES} machines at the same moment makes one root; one is told that it created the branch`,
    async () => {
      const sandbox = await testSandbox();
      const server = await makeServer(sandbox);
      const clones = await makeClones(MACHINES, () => makeClone(sandbox, server));
      const ends = await race(
        sandbox,
        clones.map((clone) => ({ window: { clone, id: "" }, args: ["init", "--json"] })),
      );
      expect(ends.map(({ exit }) => exit)).toEqual(clones.map(() => 0));
      expect(ends.filter(({ json }) => json.created)).toHaveLength(1);
      const { links } = await freshHistory(sandbox, server);
      expect(links.map(({ op }) => op)).toEqual(["init"]);
      expect(new Set(ends.map(({ json }) => json.commit))).toEqual(new Set([links[0]?.commit]));
      expect((await Promise.all(clones.map(recordsIn))).flat()).toEqual([]);
    },
    allow(1),
  );
});

const WINDOWS = 20;

test(
  `${WINDOWS} windows of a fresh clone run their first command at the same moment: all join, under different ids`,
  async () => {
    const sandbox = await testSandbox();
    const server = await pathServer(sandbox);
    const elsewhere = { clone: await makeClone(sandbox, server), id: "" };
    expect((await coordJson(sandbox, elsewhere, "init")).exit).toBe(0);
    const window = { clone: await makeClone(sandbox, server), id: "" };
    const ends = await race(
      sandbox,
      Array.from({ length: WINDOWS }, () => ({ window, args: ["join", "--json"] })),
    );
    expect(ends.map(({ exit }) => exit)).toEqual(ends.map(() => 0));
    const joined: string[] = ends.map(({ json }) => json.id);
    expect(new Set(joined).size).toBe(WINDOWS);

    const { links } = await freshHistory(sandbox, server);
    expect(
      links
        .filter(({ op }) => op === "join")
        .map(({ actor }) => actor)
        .toSorted(),
    ).toEqual(joined.toSorted());
    const { json } = await coordJson(sandbox, elsewhere, "status");
    expect(json.board.orchestrators.map(({ id }: { id: string }) => id).toSorted()).toEqual(joined.toSorted());
    // Each window is who it was told it is.
    const first = { ...window, id: joined[0] ?? "" };
    expect((await coordJson(sandbox, first, "add", "a task")).exit).toBe(0);
  },
  allow(1),
);
