import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { worktreeOf } from "./by-hand.ts";
import { ISO, OID, team } from "./window.ts";

test("who, timeline, report and verify in JSON", async () => {
  const { ana, bob } = await team();
  const locked = await ana.json("lock", "build", "-f", "src/");
  await bob.json("break", "build", "--force", "--reason", "ana is gone");

  expect(await bob.json("who", "build")).toMatchObject({
    ok: true,
    holder: null,
    since: null,
    fence: null,
    holders: [],
  });
  const holding = { resource: "file:src/", holder: "ana", since: ISO, until: ISO, fence: locked.seq, over: false };
  const { over, ...first } = holding;
  const answer = { ...first, resource: "file:src/main.c", holders: [{ ...first, over }] };
  expect(await bob.json("who", "file:src/main.c")).toMatchObject(answer);
  expect(await bob.json("who", "nonsense:x")).toMatchObject({ ok: false, code: "usage" });
  expect(await bob.json("who", "build", "--at", "soon")).toMatchObject({ ok: false, code: "usage" });

  const before = await bob.run("who", "build", "--at", "2000-01-01");
  expect(before).toMatchObject({ exit: 0, stdout: "nobody: lock:build (there was no board yet)\n" });

  const { holds } = await bob.json("timeline");
  const broken = { resource: "lock:build", holder: "ana", fence: locked.seq, from: ISO, to: ISO, end: "broken" };
  expect(holds).toContainEqual({
    ...broken,
    granted: locked.commit,
    ended: OID,
    endedBy: "bob",
    byHand: false,
    reason: null,
  });
  expect(holds).toContainEqual(expect.objectContaining({ resource: "file:src/", end: "open", to: null, ended: null }));

  const report = await bob.json("report", "--since", "1h");
  expect(report.resources).toContainEqual(expect.objectContaining({ name: "lock:build", holds: 1, broken: 1 }));
  expect(report.orchestrators).toContainEqual(expect.objectContaining({ name: "bob", breaks: 1, commits: 1 }));
  const csv = (await bob.run("report", "--csv")).stdout.split("\r\n");
  expect(csv[0]).toMatch(/^kind,name,holds,heldSeconds,/);
  expect(csv.map((line) => line.split(",").slice(0, 3).join())).toEqual(
    expect.arrayContaining(["resource,lock:build,1", "orchestrator,ana,2", "orchestrator,bob,0"]),
  );

  expect(await bob.json("verify")).toMatchObject({
    ok: true,
    seq: 3,
    commits: 3,
    replayed: 3,
    findings: [],
    edits: [],
  });
});

test("verify exits with 8 and names the commit that does not do what it says", async () => {
  const scene = await team();
  const { ana, bob } = scene;
  await ana.json("lock", "build");
  const byHand = await worktreeOf(scene);
  const message = await scene.sandbox.git(scene.server.path, "log", "-1", "--format=%B", "coordination");
  const forged = message
    .replaceAll("ana", "eve")
    .replace("Coord-Seq: 2", "Coord-Seq: 3")
    .replace(/Op-Id: ..../, "Op-Id: evil");
  await byHand.push((await byHand.read()).replace(/(\*\*Locked By\*\* \|) ana/, "$1 eve"), forged);
  const culprit = await scene.sandbox.git(scene.server.path, "rev-parse", "coordination");

  const answer = await bob.json("verify");
  expect(answer).toMatchObject({ ok: false, code: "bad_board", exit: 8, commits: 3, seq: 3, commit: culprit });
  expect(answer.findings).toContainEqual(
    expect.objectContaining({
      code: "refused_request",
      commit: culprit,
      seq: 3,
      actor: "eve",
      refusal: "held",
      at: ISO,
    }),
  );
  expect(await bob.run("verify")).toMatchObject({ exit: 8, stdout: expect.stringContaining(culprit.slice(0, 12)) });
});

test("a timeline as a page and as a picture needs no network, and lets no name break out of it", async () => {
  const { ana } = await team();
  const name = `src/<script>alert("1")</script>&.c`;
  // Neither control nor bidi, and yet no XML may have it.
  const odd = "odd\uffff\u202e.c";
  await ana.json("lock", "build", "-f", name, "-f", odd, "--reason", "</title><blink>");
  await ana.json("unlock", "build");
  const ran = await ana.run("timeline", "--html", "who.html", "--svg", "who.svg");
  expect(ran).toMatchObject({ exit: 0, stdout: "", stderr: expect.stringContaining("3 holds written to who.html") });

  const [html, svg] = await Promise.all(["who.html", "who.svg"].map((file) => readFile(join(ana.path, file), "utf8")));
  for (const text of [html, svg]) {
    expect(text).toContain("ana");
    expect(text).toMatch(/fence \d+/);
    expect(text).toContain("src/&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#38;.c");
    expect(text).not.toContain("<blink>");
    expect(text).not.toMatch(/[\u202e\uffff]/);
    expect(text).toContain("odd\ufffd\\u{202e}.c");
    expect(text?.match(/(?:src|href)\s*=\s*["']|@import|url\(/g)).toBeNull();
    expect(text?.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:/);
  }
  expect(html?.match(/<script/g)).toHaveLength(1);
  expect(svg).not.toContain("<script");
  expect(await ana.run("timeline", "--svg", "no/such/folder.svg")).toMatchObject({ exit: 2 });
});
