/** A clone has only the newest commits until somebody asks for more: what that costs, and what it must not change. */
import { existsSync } from "node:fs";
import { rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { privateGit } from "../../src/git/private-git.ts";
import { restoreBranch } from "../../src/git/restore.ts";
import { log, openCoordination, verify } from "../../src/index.ts";
import { readPosition } from "../../src/ledger/tip.ts";
import type { LongHistory } from "../history/support/long-history.ts";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, type OpenClone, openClone } from "../support/clone.ts";
import { httpServer } from "../support/http-server.ts";
import { longBranch } from "../support/long-branch.ts";
import { prepareProgram } from "../support/program.ts";
import { pathServer, type RemoteServer } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";

const LENGTH = 200;

let sandbox: Sandbox;
let server: RemoteServer;
let history: LongHistory;
beforeEach(async () => {
  sandbox = await testSandbox();
  server = await pathServer(sandbox);
  history = await longBranch(server, LENGTH);
});

const open = async (): Promise<OpenClone> => openClone(await makeClone(sandbox, server));
const here = async ({ folder }: OpenClone): Promise<number> =>
  Number(await sandbox.git(folder.repository, "rev-list", "--all", "--count"));
const commandsOf = (spawned: readonly (readonly string[])[]): string[] =>
  spawned.map((args) => args.find((arg) => /^(fetch|ls-remote|log|push|--deepen=\d+|--unshallow)$/.test(arg)) ?? "");

describe("the first fetch", () => {
  test("is one process, brings a few commits as one pack, and the tip can be read and built upon", async () => {
    const clone = await open();
    clone.spawned.length = 0;
    expect(await clone.remote.fetch()).toEqual({ kind: "tip", tip: history.tip.commit });
    expect((await readPosition(clone.objects, history.tip.commit)).seq).toBe(history.tip.seq);
    expect(commandsOf(clone.spawned)).toEqual(["fetch"]);
    expect(await here(clone)).toBe(3);
    const next = await boardCommit(clone.objects, history.tip.commit);
    expect(await clone.remote.push(history.tip.commit, next)).toEqual({ kind: "landed" });
    expect(await sandbox.git(clone.folder.repository, "count-objects", "-v")).toMatch(/^packs: 1$/m);
    expect(await sandbox.git(clone.folder.repository, "fsck", "--strict")).toBe("");
    expect(await sandbox.git(server.path, "fsck", "--strict")).toBe("");
  });

  test("by twenty windows at once is shallow, and no window falls back to the whole history", async () => {
    const start = await prepareProgram(sandbox, new URL("../support/programs/open-clone.ts", import.meta.url));
    const clone = await makeClone(sandbox, server);
    const windows = Array.from({ length: 20 }, () => start(clone.env, clone.path).output());
    const tip = { kind: "tip", tip: history.tip.commit };
    for (const output of await Promise.all(windows)) expect(JSON.parse(output)).toEqual(tip);
    const opened = await openClone(clone);
    expect(await here(opened)).toBe(3);
    expect(await sandbox.git(opened.folder.repository, "fsck", "--strict")).toBe("");
  });

  test("brings everything where the transport cannot do less", async () => {
    const web = await httpServer(sandbox);
    await history.objects.moveTo(web.path, { "refs/heads/coordination": history.tip.commit });
    await sandbox.git(web.path, "update-server-info");
    const { path, env } = await makeClone(sandbox, web);
    const clone = await openClone({ path, env: { ...env, GIT_SMART_HTTP: "0" } });
    expect(await clone.remote.fetch()).toEqual({ kind: "tip", tip: history.tip.commit });
    expect(await here(clone)).toBe(LENGTH);
  });

  test("is not stopped for ever by the lock that a killed git has left", async () => {
    const [young, old] = [await open(), await open()];
    const lockOf = ({ folder }: OpenClone) => join(folder.repository, "shallow.lock");
    for (const clone of [young, old]) await writeFile(lockOf(clone), "");
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(lockOf(old), hourAgo, hourAgo);
    for (const clone of [young, old])
      expect(await clone.remote.fetch()).toEqual({ kind: "tip", tip: history.tip.commit });
    // The young one may be in use: git needs no such lock to fetch everything.
    expect([await here(young), await here(old)]).toEqual([LENGTH, 3]);
    expect(existsSync(lockOf(old))).toBe(false);
  });
});

describe("what stands before the first commit here", () => {
  test("is brought while somebody walks back, more at a time", async () => {
    const clone = await open();
    await clone.remote.fetch();
    clone.spawned.length = 0;
    const read: string[] = [];
    for (let oid: string | undefined = history.tip.commit; oid !== undefined; ) {
      read.unshift(oid);
      oid = (await clone.objects.readCommit(oid)).parents[0];
    }
    expect(read).toEqual(history.commits);
    expect(commandsOf(clone.spawned)).toEqual(["fetch", "fetch"]);
    expect(clone.history.boundary().size).toBe(0);
    expect(await sandbox.git(clone.folder.repository, "fsck", "--strict")).toBe("");
  });

  test("is needed for the place of a tip after many hand edits, and never guessed", async () => {
    const writer = await open();
    await writer.remote.fetch();
    let tip = history.tip.commit;
    for (let count = 0; count < 20; count += 1)
      tip = await boardCommit(writer.objects, tip, { message: `edit ${count}\n` });
    await writer.remote.push(history.tip.commit, tip);
    const clone = await open();
    await clone.remote.fetch();
    await rename(server.path, `${server.path}.away`);
    await expect(readPosition(clone.objects, tip)).rejects.toMatchObject({
      data: { code: "history_cut", isAnswering: false },
    });
    await rename(`${server.path}.away`, server.path);
    expect((await readPosition(clone.objects, tip)).seq).toBe(history.tip.seq + 20);
    expect(await here(clone)).toBeLessThan(LENGTH);
  });

  test("is brought only as far as a log asks for it, and all of it by verify", async () => {
    const { path, env } = await makeClone(sandbox, server);
    const spawned: (readonly string[])[] = [];
    const onSpawn = (args: readonly string[]) => spawned.push(args);
    const coordination = await openCoordination({ cwd: path, env, onSpawn });
    const run = async (act: () => Promise<unknown>) => {
      spawned.length = 0;
      await act();
      const depths = spawned.map((args) => args.find((arg) => /^--(depth|deepen|unshallow)/.test(arg)));
      return depths.filter((depth) => depth !== undefined);
    };
    expect(await run(() => log(coordination, { limit: 3 }))).toEqual(["--depth=3", "--deepen=64"]);
    expect(await run(() => log(coordination, { limit: 3 }))).toEqual([]);
    const newest = await log(coordination, { limit: 3 });
    expect(newest.ok && newest.value.map(({ commit }) => commit)).toEqual(history.commits.slice(-3).reverse());
    const recent = await log(coordination, { since: new Date(history.now - 1).toISOString() });
    expect(recent.ok && recent.value[0]).toMatchObject({ commit: history.tip.commit, seq: history.tip.seq });
    expect(await run(() => verify(coordination))).toEqual(["--unshallow"]);
    const whole = await log(coordination);
    expect(whole.ok && whole.value.map(({ commit }) => commit)).toEqual([...history.commits].reverse());
    const again = await verify(coordination);
    expect(again.ok && again.value).toMatchObject({ commits: LENGTH, replayed: 0, findings: [] });
  });

  test("cannot be brought when the branch was replaced: that is said, and not shown as the beginning", async () => {
    const { path, env } = await makeClone(sandbox, server);
    const coordination = await openCoordination({ cwd: path, env });
    await log(coordination, { limit: 1 });
    const other = await open();
    const root = await boardCommit(other.objects, null);
    await sandbox.git(server.path, "update-ref", "-d", "refs/heads/coordination");
    await other.remote.push(null, root);
    await sandbox.git(server.path, "gc", "--quiet", "--prune=now");
    await expect(verify(coordination)).rejects.toMatchObject({
      data: { code: "rewritten", known: history.tip.commit, remote: root },
    });
  });
});

describe("a rewritten branch", () => {
  test("that was set back to before all that is here is an alarm, and can be put back", async () => {
    const clone = await open();
    await clone.remote.fetch();
    const back = history.commits[50] as string;
    await sandbox.git(server.path, "update-ref", "refs/heads/coordination", back);
    const alarm = { kind: "rewritten", known: history.tip.commit, remote: back };
    expect(await clone.remote.fetch()).toEqual(alarm);
    const git = privateGit(clone.git, clone.repository, clone.folder, clone.endpoint);
    expect(await restoreBranch(git, clone.remote, clone.history)).toBe("restored");
    expect(await sandbox.git(server.path, "rev-parse", "coordination")).toBe(history.tip.commit);
  });

  test("that was deleted is put back by a clone that has its whole history, and by no other", async () => {
    const [whole, shallow] = [await open(), await open()];
    for (const { remote } of [whole, shallow]) await remote.fetch();
    for (const commit of whole.history.boundary()) await whole.history.bring(commit, null);
    await sandbox.git(server.path, "update-ref", "-d", "refs/heads/coordination");
    const restore = ({ git, repository, folder, endpoint, remote, history }: OpenClone) =>
      restoreBranch(privateGit(git, repository, folder, endpoint), remote, history);
    expect(await restore(shallow)).toBe("diverged");
    expect(await restore(whole)).toBe("restored");
    expect(await sandbox.git(server.path, "rev-list", "--count", "coordination")).toBe(String(LENGTH));
  });
});

test("a private repository that was removed comes back shallow, and what was verified stays so", async () => {
  const { path, env } = await makeClone(sandbox, server);
  await verify(await openCoordination({ cwd: path, env }));
  await rm(join(path, ".git", "coord", "repo.git"), { recursive: true });
  const again = await verify(await openCoordination({ cwd: path, env }));
  expect(again.ok && again.value).toMatchObject({ commits: LENGTH, replayed: 0, findings: [] });
});
