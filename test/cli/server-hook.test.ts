import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commit, does, git, refuses } from "./guarded.ts";
import { hold, preparedTeam, type Team, type Window } from "./window.ts";

const onServerOf = ({ here, server }: Team): Window => here.in(server.path);

/** A server that judges what is pushed to it; the clients have no hooks. */
const prepared = preparedTeam(async (team) => {
  expect(await onServerOf(team).run("hooks", "install", "--server")).toMatchObject({ exit: 0 });
  for (const window of [team.ana, team.bob]) {
    await does(window, "fetch", "--quiet", "origin");
    await commit(window, { "free.c": `${window.env.COORD_ID}\n` }, "first work");
  }
  await does(team.ana, "push", "--quiet", "origin", "main");
});

async function scene() {
  const team = await prepared();
  return { ...team, onServer: onServerOf(team) };
}

const by = (id: string, subject: string) => `${subject}\n\nCoord-Id: ${id}`;

test("claims pass, and code passes that touches nobody's path, or one's own", async () => {
  const { ana, bob } = await scene();
  expect(await bob.json("lock", "-f", "src/")).toMatchObject({ ok: true });
  expect(await ana.json("lock", "build")).toMatchObject({ ok: true });
  await commit(ana, { "docs/a.md": "1\n" }, by("ana", "ana's own"));
  await commit(ana, { "src/a.c": "1\n" }, by("bob", "bob's own, pushed by ana"));
  await does(ana, "push", "--quiet", "origin", "main");
});

test("code that touches what another orchestrator holds is refused, anywhere in the push, and all of the push with it", async () => {
  const { ana, bob, onServer } = await scene();
  await hold(bob, { files: ["src/"] });
  const before = await does(onServer, "for-each-ref");
  await commit(ana, { "src/a.c": "1\n" }, by("ana", "in bob's folder"));
  await commit(ana, { "free.c": "2\n" }, by("ana", "and something else"));
  await refuses(ana, "src/a.c is held by bob through file:src/", "push", "origin", "main", "HEAD:refs/heads/other");
  await does(ana, "tag", "v1");
  await refuses(ana, "src/a.c is held by bob", "push", "origin", "v1");
  expect(await does(onServer, "for-each-ref")).toBe(before);
  await bob.json("unlock", "--all");
  await does(ana, "push", "--quiet", "origin", "main", "v1");
});

test("a person without an id is warned, and refused where the board requires one", async () => {
  const { ana, bob } = await scene();
  await hold(bob, { files: ["src/"] });
  await commit(ana, { "src/a.c": "1\n" }, "by a person");
  const ran = await git(ana, "push", "origin", "main");
  expect(ran).toMatchObject({ exit: 0, stderr: expect.stringContaining("note: src/a.c is held by bob") });
  await bob.json("settings", "Require identity", "yes");
  await commit(ana, { "free.c": "3\n" }, "by a person again");
  await refuses(ana, "has no Coord-Id", "push", "origin", "main");
});

test("the coordination branch cannot be deleted, rewound or forged; a hand edit passes", async () => {
  const { ana, bob } = await scene();
  await hold(bob, { locks: ["build"] });
  await refuses(ana, "cannot be deleted", "push", "origin", ":coordination");
  await does(ana, "fetch", "--quiet", "origin", "coordination");
  await refuses(ana, "only moves forward", "push", "--force", "origin", "FETCH_HEAD~1:coordination");
  await does(ana, "switch", "--quiet", "--detach", "FETCH_HEAD");
  const file = "master_coordination.md";
  const board = await readFile(`${ana.path}/${file}`, "utf8");
  const honest = await does(ana, "log", "-1", "--format=%B");
  const forged = honest
    .replaceAll("bob", "ana")
    .replace(/Op-Id: ..../, "Op-Id: evil")
    .replace("Coord-Seq: 2", "Coord-Seq: 3");
  await commit(ana, { [file]: board.replaceAll("bob", "ana") }, forged);
  await refuses(ana, "refused_request", "push", "origin", "HEAD:coordination");
  await does(ana, "reset", "--quiet", "--hard", "HEAD^");
  await commit(ana, { [file]: "nothing" }, "a board that is none");
  await refuses(ana, "unreadable_board", "push", "origin", "HEAD:coordination");
  await does(ana, "reset", "--quiet", "--hard", "HEAD^");
  await commit(ana, { [file]: board.replace(/(\*\*Locked By\*\* \|) bob/, "$1 none") }, "bob's machine is dead");
  const ran = await git(ana, "push", "origin", "HEAD:coordination");
  expect(ran).toMatchObject({ exit: 0, stderr: expect.stringContaining("note: ") });
});

test("code and a renewal in one push are judged together, by the board that the renewal gives", async () => {
  const { ana, bob } = await scene();
  await hold(ana, { files: ["src/"] });
  await commit(ana, { "src/a.c": "1\n" }, by("ana", "under the lock"));
  expect(await ana.json("push", "origin", "main")).toMatchObject({
    ok: true,
    refs: [{ ref: "refs/heads/main", oid: await does(ana, "rev-parse", "main") }],
  });
  await bob.json("join");
  await commit(bob, { "src/a.c": "2\n" }, by("bob", "without it"));
  expect(await bob.json("push", "origin", "HEAD:bobs")).toMatchObject({
    ...{ ok: false, code: "environment", exit: 6 },
    message: expect.stringContaining("src/a.c is held by ana"),
  });
});

test("a push to what is no ref is wrong in itself, and leaves nothing on the board", async () => {
  const { ana, onServer } = await scene();
  const before = await does(onServer, "rev-parse", "coordination");
  for (const refspec of ["HEAD:../x", "HEAD:a..b", "HEAD:a:b", ":main"]) {
    expect(await ana.json("push", "origin", refspec)).toMatchObject({ ok: false, code: "usage" });
  }
  expect(await does(onServer, "rev-parse", "coordination")).toBe(before);
});

test("`git coord push` asks a pre-push hook of the home folder, too", async () => {
  const { ana, sandbox } = await scene();
  const home = ana.env.HOME as string;
  await mkdir(join(home, "hooks"), { recursive: true });
  await writeFile(join(home, "hooks/pre-push"), "#!/bin/sh\necho not on Fridays >&2; exit 1\n", { mode: 0o755 });
  await sandbox.git(ana.path, "config", "core.hooksPath", "~/hooks");
  const message = expect.stringContaining("not on Fridays");
  expect(await ana.json("push", "origin", "main")).toMatchObject({ ok: false, code: "environment", message });
});

test("while the board is damaged nothing passes but what mends it", async () => {
  const { ana, bob, onServer } = await scene();
  const good = await does(onServer, "rev-parse", "coordination");
  await does(onServer, "update-ref", "refs/heads/coordination", await does(ana, "rev-parse", "main"));
  await commit(ana, { "free.c": "5\n" }, by("ana", "free"));
  await refuses(ana, "the board cannot be read", "push", "origin", "main");
  await refuses(ana, "this does not mend it", "push", "origin", "HEAD:coordination");
  await does(onServer, "update-ref", "refs/heads/coordination", good);
  await does(ana, "push", "--quiet", "origin", "main");
  expect(await bob.json("join")).toMatchObject({ ok: true });
});

test("an exception refuses, with words", async () => {
  const { ana, onServer } = await scene();
  const call = onServer.with({ GIT_DIR: "." });
  const tip = await does(ana, "rev-parse", "origin/main");
  const ran = await call.feed(`${tip} ${"1".repeat(40)} refs/heads/main\n`, "hook", "pre-receive");
  expect(ran).toMatchObject({ exit: 1, stderr: expect.stringContaining("so this is refused") });
  expect(await call.feed("", "hook", "no-such-hook")).toMatchObject({ exit: 2 });
});

test("a push of ten thousand refs, and one of a thousand commits, get their answer", async () => {
  const { ana, bob, sandbox, onServer } = await scene();
  await hold(bob, { files: ["src/"] });
  const head = await does(ana, "rev-parse", "HEAD");
  const many = Array.from({ length: 10_000 }, (_, index) => `${head} ${head} refs/heads/b${index}`).join("\n");
  const env = { ...onServer.env, GIT_DIR: "." };
  expect(await onServer.with(env).feed(`${many}\n`, "hook", "pre-receive")).toMatchObject({ exit: 0, stderr: "" });
  expect(await onServer.with(env).feed("", "hook", "pre-receive")).toMatchObject({ exit: 0, stderr: "" });

  const commits = Array.from({ length: 1000 }, (_, index) =>
    [
      "commit refs/heads/long",
      `committer Ana <ana@example.invalid> ${1_800_000_000 + index} +0000`,
      "data <<END",
      by("ana", `step ${index}`),
      "END",
      ...(index === 0 ? [`from ${head}`] : []),
      `M 100644 inline ${index === 700 ? "src/deep.c" : "free.c"}`,
      `data ${String(index).length}`,
      `${index}`,
    ].join("\n"),
  );
  await feedGit(ana, `${commits.join("\n")}\n`, "fast-import", "--quiet");
  const culprit = await sandbox.git(ana.path, "rev-parse", "long~299");
  await refuses(ana, `(commit ${culprit.slice(0, 12)} by ana)`, "push", "origin", "long");
});

async function feedGit(window: Window, input: string, ...args: string[]): Promise<void> {
  const { execFile } = await import("node:child_process");
  await new Promise<void>((done, fail) => {
    const child = execFile("git", args, { cwd: window.path, env: window.env }, (error) =>
      error ? fail(error) : done(),
    );
    child.stdin?.end(input);
  });
}

test("a pull request is judged by the board where the host has no hooks of one's own", async () => {
  const { ana, bob } = await scene();
  await hold(bob, { files: ["src/"] });
  await does(ana, "fetch", "--quiet", "origin");
  const base = await does(ana, "rev-parse", "HEAD");
  await commit(ana, { "free.c": "6\n" }, by("ana", "free"));
  const free = await does(ana, "rev-parse", "HEAD");
  await commit(ana, { "src/a.c": "1\n" }, by("ana", "held"));
  const held = await does(ana, "rev-parse", "HEAD");
  expect(await ana.run("hook", "pull-request", base, free)).toMatchObject({ exit: 0, stderr: "" });
  const refused = await ana.run("hook", "pull-request", base, held);
  expect(refused).toMatchObject({ exit: 1, stderr: expect.stringContaining("src/a.c is held by bob") });
  expect(await ana.run("hook", "pull-request", base, "1".repeat(40))).toMatchObject({ exit: 1 });
});
