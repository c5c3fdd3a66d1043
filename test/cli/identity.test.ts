import { join } from "node:path";
import { expect, test } from "vitest";
import { team, type Window } from "./window.ts";

const whoAdds = async (window: Window, ...options: string[]): Promise<string> => {
  await window.json("add", "a task", ...options);
  return (await window.json("log", "-n", "1")).entries[0].actor;
};

test("without an id, a command that needs one says how to get one; the others answer", async () => {
  const { here } = await team();
  const answer = await here.json("lock", "build");
  expect(answer).toMatchObject({
    code: "usage",
    exit: 2,
    problem: "no_identity",
    hint: expect.stringContaining("git coord join"),
  });
  expect(answer.hint).toContain("COORD_ID");
  expect(await here.with({ COORD_ID: "" }).json("renew")).toMatchObject({ problem: "no_identity" });
  expect(await here.json("ready")).toMatchObject({ ok: true });
});

test("--as goes before COORD_ID, COORD_ID before coord.id", async () => {
  const { here } = await team();
  await here.git("config", "coord.id", "from-config");
  expect(await whoAdds(here)).toBe("from-config");
  expect(await whoAdds(here.with({ COORD_ID: "from-env" }))).toBe("from-env");
  expect(await whoAdds(here.with({ COORD_ID: "from-env" }), "--as", "from-flag")).toBe("from-flag");
});

test("join remembers nothing unless asked, and then for this worktree only", async () => {
  const { here } = await team();
  const linked = here.in(join(here.path, "..", "linked"));
  await here.git("worktree", "add", "--quiet", linked.path);
  await here.run("join", "--id", "ana");
  expect(await here.json("renew")).toMatchObject({ problem: "no_identity" });
  const { stdout, stderr } = await here.run("join", "--id", "ana", "--remember");
  expect(stdout).toBe("ana\n");
  expect(stderr).toContain("remembered");
  expect(await here.git("config", "--worktree", "coord.id")).toBe("ana");
  expect(await here.json("renew")).toMatchObject({ ok: true });
  expect(await linked.json("renew")).toMatchObject({ problem: "no_identity" });
  await linked.run("join", "--id", "bob", "--remember");
  expect([await whoAdds(here), await whoAdds(linked)]).toEqual(["ana", "bob"]);
});

test("one id in two clones is refused to the second, with a way out", async () => {
  const { ana, there } = await team();
  await ana.run("lock", "build");
  const answer = await there.json("lock", "gpu", "--as", "Ana");
  expect(answer).toMatchObject({
    code: "held",
    exit: 3,
    resource: "orchestrator:ana",
    hint: expect.stringContaining("git coord join"),
  });
  expect(await ana.json("leave")).toMatchObject({ released: ["lock:build"] });
  expect(await there.json("lock", "build", "--as", "ana")).toMatchObject({ ok: true });
});
