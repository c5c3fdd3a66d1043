import { expect, test } from "vitest";
import { ISO, team } from "../cli/window.ts";

test("agents prime says who one is, what one holds, what is ready and the rules, and writes nothing", async () => {
  const { ana, bob, here } = await team();
  await ana.json("add", "Build the engine", "-p", "1");
  await ana.json("add", "Write\u202e the docs");
  await bob.json("join");
  const claimed = await ana.json("claim", "T001", "-f", "src/", "--lock", "build");

  const briefing = await ana.json("agents", "prime");
  expect(briefing).toMatchObject({
    id: "ana",
    session: "mine",
    expires: ISO,
    tasks: [{ id: "T001", claimedBy: "ana" }],
    leases: [{ resource: "lock:build" }, { resource: "file:src/", expires: ISO }],
    ready: [{ id: "T002" }],
    others: 1,
    rules: expect.stringContaining("git coord claim --next"),
  });
  expect(briefing.commit).toBe(claimed.commit);

  const { stdout } = await ana.run("agents", "prime");
  expect(stdout).toMatch(/You are ana, until /);
  expect(stdout).toMatch(/task:T001 +Build the engine/);
  expect(stdout).toMatch(/T002 +P3 +- +Write\\u\{202e\} the docs/);
  expect(stdout).toContain("written by others");
  expect((await here.json("status")).commit).toBe(claimed.commit);
});

test("agents prime tells those without an id, or with somebody else's, how to get one", async () => {
  const { ana, there, here } = await team();
  await ana.json("lock", "build");
  expect(await here.json("agents", "prime")).toMatchObject({ id: null, session: "none", leases: [], others: 1 });
  expect((await here.run("agents", "prime")).stdout).toContain("git coord join");
  expect(await there.json("agents", "prime", "--as", "ana")).toMatchObject({
    session: "another",
    leases: [],
    others: 0,
  });
  expect(await there.json("agents", "prime", "--as", "new")).toMatchObject({ id: "new", session: "none" });
  expect(await there.json("agents", "prime", "--as", "../x")).toMatchObject({ code: "usage" });
});
