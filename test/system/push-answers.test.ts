import { mkdir, rename, rm, utimes } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { leaveLock, pathServer, refusePushes } from "../support/remote-server.ts";
import { expectFailure, scene, tipOf } from "./support/answers.ts";
import { coord, coordJson, start } from "./support/command.ts";
import { recordsIn } from "./support/queue.ts";
import { allow } from "./support/scale.ts";
import { holdPush } from "./support/slow-push.ts";

describe("the table of the push protocol, as exit codes", { timeout: allow(1) }, () => {
  test("landed: exit 0, and asking again is exit 0 with the same fence", async () => {
    const { claim, claims } = await scene(pathServer);
    const [first, again] = [await claim(), await claim()];
    expect([first.exit, again.exit]).toEqual([0, 0]);
    expect([first.json.changed, again.json.changed]).toEqual([true, false]);
    expect(again.json.fence).toBe(first.json.fence);
    expect(await claims()).toHaveLength(1);
  });

  test("rejected, somebody was first with the same task: exit 3 with the winner, since and until", async () => {
    const { claim, claims, here, there } = await scene(pathServer);
    expect((await claim(there)).exit).toBe(0);
    const end = await claim(here);
    expectFailure(end, 3, "held");
    expect(end.json).toMatchObject({ resource: "task:T001", holder: there.id });
    expect(end.json.message).toContain(there.id);
    for (const time of [end.json.since, end.json.expires]) expect(Date.parse(time)).not.toBeNaN();
    expect(await claims()).toHaveLength(1);
  });

  test("rejected, somebody was first with something else: decided again, exit 0", async () => {
    const { sandbox, claim, claims, there } = await scene(pathServer);
    expect((await coord(sandbox, there, "lock", "build")).exit).toBe(0);
    expect((await claim()).exit).toBe(0);
    expect(await claims()).toHaveLength(1);
  });

  test("remote rejected and the tip moved: decided again, and the loser is told who won", async () => {
    const { sandbox, server, here, there, claim, claims } = await scene(pathServer);
    const slow = await holdPush(sandbox, server);
    const late = start(sandbox, here, ["claim", "T001", "--json"]);
    await slow.arrived();
    expect((await claim(there)).exit).toBe(0);
    await slow.finish();
    const end = await late.ended;
    expectFailure(end, 3, "held");
    expect(end.json.holder).toBe(there.id);
    expect(await claims()).toHaveLength(1);
  });

  test("remote rejected by a hook: exit 6 with the server's words, nothing changed, and nothing is repeated", async () => {
    const { sandbox, server, here, claim, claims } = await scene(pathServer);
    await refusePushes(server, "GH006: Protected branch update failed");
    const end = await claim();
    expectFailure(end, 6, "environment");
    expect(end.json.message).toContain("GH006: Protected branch update failed");
    expect(await recordsIn(here.clone)).toEqual([]);
    const plain = await coord(sandbox, here, "claim", "T001");
    expect({ exit: plain.exit, stdout: plain.stdout }).toEqual({ exit: 6, stdout: "" });
    expect(plain.stderr).toContain("GH006: Protected branch update failed");
    expect(await claims()).toEqual([]);
  });

  test("remote rejected by a left-over lock: exit 6, and doctor names the file", async () => {
    const { sandbox, server, here, claim, claims } = await scene(pathServer);
    const lock = await leaveLock(server, "coordination");
    const hourAgo = Date.now() / 1000 - 3600;
    await utimes(lock, hourAgo, hourAgo);
    const end = await claim();
    expectFailure(end, 6, "environment");
    expect(end.json.hint).toContain("git coord doctor");
    // From a folder inside, with an address that is relative to where the work tree begins.
    const { path, env } = here.clone;
    await sandbox.git(path, "remote", "set-url", "origin", relative(path, server.path));
    const inside = join(path, "inside");
    await mkdir(inside);
    const doctor = await coord(sandbox, { ...here, clone: { path: inside, env } }, "doctor");
    expect(doctor.exit, doctor.stdout).not.toBe(0);
    expect(doctor.stdout).toContain(lock);
    await rm(lock);
    expect((await claim()).exit).toBe(0);
    expect(await claims()).toHaveLength(1);
  });

  test("a branch that somebody deleted: exit 8, and no push makes it again", async () => {
    const { sandbox, server, here, claim } = await scene(pathServer);
    const tip = await tipOf(sandbox, server);
    await sandbox.git(server.path, "update-ref", "-d", "refs/heads/coordination");
    const end = await claim();
    expectFailure(end, 8, "bad_board");
    expect(end.json.message).toContain("was deleted on the remote");
    expect(await sandbox.git(server.path, "for-each-ref")).toBe("");
    expect(await recordsIn(here.clone)).toEqual([]);
    expect((await coord(sandbox, here, "doctor", "--repair")).exit).toBe(0);
    expect(await tipOf(sandbox, server)).toBe(tip);
    expect((await claim()).exit).toBe(0);
  });

  test("a remote that is not there: exit 6 before anything was sent, also for commands that only read", async () => {
    const { sandbox, server, here, claim } = await scene(pathServer);
    await rename(server.path, `${server.path}.away`);
    expectFailure(await claim(), 6, "environment");
    expectFailure(await coordJson(sandbox, here, "status"), 6, "environment");
    expect(await recordsIn(here.clone)).toEqual([]);
    await rename(`${server.path}.away`, server.path);
    expect((await claim()).exit).toBe(0);
  });
});
