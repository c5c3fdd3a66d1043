import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { breakLeases, lock, openCoordination } from "../../src/index.ts";
import { built } from "../cli/built.ts";
import { makeClone } from "../support/clone.ts";
import { httpServer } from "../support/http-server.ts";
import { longBranch } from "../support/long-branch.ts";
import { pathServer, type RemoteServer } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { sshServer } from "../support/ssh-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { coordJson, start, type Window } from "./support/command.ts";
import { assemble } from "./support/fleet.ts";
import { holdPush } from "./support/slow-push.ts";

beforeAll(() => built());

const SERVERS: readonly (readonly [string, (sandbox: Sandbox) => Promise<RemoteServer>])[] = [
  ["path", pathServer],
  ["ssh", sshServer],
  ["http", httpServer],
];

describe.each(SERVERS)("over %s", (_kind, makeServer) => {
  /** Ana holds the build lock and has something to push; Bob has joined. Only what the tests are about is a process. */
  async function scene() {
    const sandbox = await testSandbox();
    const server = await makeServer(sandbox);
    const windows = await assemble(sandbox, server, { windows: 2, tasks: 0, held: ["build"] });
    const [ana, bob] = windows as [Window, Window];
    const asBob = () => openCoordination({ cwd: bob.clone.path, env: bob.clone.env, as: bob.id });
    const work = async (name: string) => {
      await mkdir(join(ana.clone.path, "src"), { recursive: true });
      await writeFile(join(ana.clone.path, "src", name), name);
      await sandbox.git(ana.clone.path, "add", "src");
      await sandbox.git(ana.clone.path, "commit", "--quiet", "-m", name);
      return sandbox.git(ana.clone.path, "rev-parse", "HEAD");
    };
    const refs = async () => {
      const lines = await sandbox.git(server.path, "for-each-ref", "--format=%(refname:short) %(objectname)");
      return Object.fromEntries(lines.split("\n").map((line) => line.split(" ")));
    };
    return { sandbox, server, ana, bob, asBob, work, refs };
  }

  test("code and renewal land together, the branch that is tracked moves, too; code that is refused takes the renewal with it", async () => {
    const { sandbox, ana, bob, work, refs } = await scene();
    const before = (await refs()).coordination;
    const oid = await work("first.c");
    const { json } = await coordJson(sandbox, ana, "push", "origin", "main");
    expect(json).toMatchObject({ ok: true, refs: [{ ref: "refs/heads/main", oid }] });
    expect(await refs()).toEqual({ main: oid, coordination: json.commit });
    expect(await sandbox.git(ana.clone.path, "rev-parse", "origin/main")).toBe(oid);
    expect(json.commit).not.toBe(before);

    const stranger = await coordJson(sandbox, bob, "push", "origin", "main");
    expect(stranger.json).toMatchObject({ ok: false, code: "environment" });
    expect(stranger.json.message).toContain("refs/heads/main: [rejected]");
    expect(await refs()).toEqual({ main: oid, coordination: json.commit });
  });

  test("the lock is lost while the push stands in the server: neither lands, and it says so", async () => {
    const { sandbox, server, ana, bob, asBob, work, refs } = await scene();
    await work("late.c");
    const push = await holdPush(sandbox, server);
    const running = start(sandbox, ana, ["--json", "push", "origin", "main"]);
    await push.arrived();
    const there = await asBob();
    expect(await breakLeases(there, { resources: ["build"], force: true, reason: "ana is gone" })).toMatchObject({
      ok: true,
    });
    const taken = await lock(there, { locks: ["build"] });
    expect(taken).toMatchObject({ ok: true, commit: expect.any(String) });
    await push.finish();
    const ended = await running.ended;
    expect(ended.json).toMatchObject({ ok: false, code: "lost", resource: "lock:build", holder: bob.id });
    expect(ended.exit).toBe(5);
    expect(await refs()).toEqual({ coordination: taken.commit });
  });

  test("somebody else's claim in between costs a second try, not the push", async () => {
    const { sandbox, server, ana, asBob, work, refs } = await scene();
    const oid = await work("second.c");
    const push = await holdPush(sandbox, server);
    const running = start(sandbox, ana, ["--json", "push", "origin", "main"]);
    await push.arrived();
    expect(await lock(await asBob(), { locks: ["docs"] })).toMatchObject({ ok: true });
    await push.finish();
    expect((await running.ended).json).toMatchObject({ ok: true });
    expect(await refs()).toMatchObject({ main: oid });
  });
});

test("from a shallow clone of the code, beside which only the newest commits of the board are, both land", async () => {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  await longBranch(server, 40);
  const first = await makeClone(sandbox, server);
  for (const message of ["second", "third"]) await first.git("commit", "--quiet", "--allow-empty", "-m", message);
  await first.git("push", "--quiet", "origin", "main");

  const clone = await makeClone(sandbox, server);
  const zoe: Window = { clone, id: "zoe" };
  await clone.git("fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main");
  await clone.git("checkout", "--quiet", "-B", "main", "origin/main");
  await clone.git("commit", "--quiet", "--allow-empty", "-m", "fourth");
  expect(await clone.git("rev-list", "--count", "main")).toBe("2");
  expect((await coordJson(sandbox, zoe, "join")).json).toMatchObject({ ok: true });
  const { json } = await coordJson(sandbox, zoe, "push", "origin", "main");
  expect(json).toMatchObject({ ok: true, refs: [{ ref: "refs/heads/main" }] });
  expect(await sandbox.git(server.path, "rev-list", "--count", "main")).toBe("4");
  expect(await sandbox.git(server.path, "fsck", "--strict")).toBe("");
  expect(await readdir(join(zoe.clone.path, ".git", "coord"))).not.toContainEqual(expect.stringMatching(/^shallow/));
});
