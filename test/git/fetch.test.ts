import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, openClone } from "../support/clone.ts";
import { httpServer } from "../support/http-server.ts";
import { pathServer } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";

test("a fetch asks a remote on the network again before it gives up", async () => {
  const sandbox = await testSandbox();
  const server = await httpServer(sandbox);
  const { remote, objects } = await openClone(await makeClone(sandbox, server));
  const commit = await boardCommit(objects, null);
  await remote.push(null, commit);

  server.fail("ask_fetch", { kind: "answer", status: 503 });
  const fetched = remote.fetch();
  await expect.poll(() => server.requests.ask_fetch).toBeGreaterThanOrEqual(2);
  server.heal();
  expect(await fetched).toEqual({ kind: "tip", tip: commit });
});

test("a fetch that never gets an answer from the network is unreachable, and not absent", async () => {
  const sandbox = await testSandbox();
  const server = await httpServer(sandbox);
  const { remote } = await openClone(await makeClone(sandbox, server));
  server.fail("ask_fetch", { kind: "answer", status: 403 });
  expect(await remote.fetch()).toMatchObject({ kind: "unreachable", words: expect.stringContaining("403") });
});

test("a path that is not there is asked once", async () => {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const { remote, spawned } = await openClone(await makeClone(sandbox, server));
  await rename(server.path, `${server.path}.away`);
  spawned.length = 0;
  expect((await remote.fetch()).kind).toBe("unreachable");
  expect(spawned.filter((args) => args.includes("fetch"))).toHaveLength(1);
});

test("a fetch that is stopped, or takes too long, is unreachable", async () => {
  const sandbox = await testSandbox();
  const server = await httpServer(sandbox);
  const clone = await makeClone(sandbox, server);
  server.fail("ask_fetch", { kind: "hold", when: "before", until: new Promise(() => {}) });

  const patient = await openClone(clone);
  const stop = new AbortController();
  const stopped = patient.remote.fetch(stop.signal);
  await expect.poll(() => server.requests.ask_fetch).toBe(1);
  stop.abort();
  expect((await stopped).kind).toBe("unreachable");

  const impatient = await openClone(clone, { timeout: 200 });
  expect((await impatient.remote.fetch()).kind).toBe("unreachable");
});

test("a remote with SHA-256 objects is named as the problem", async () => {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const other = await makeClone(sandbox, null, "--object-format=sha256");
  await sandbox.git(sandbox.path, "init", "--quiet", "--bare", "--object-format=sha256", `${server.path}.sha256`);
  await other.git("push", "--quiet", `${server.path}.sha256`, "HEAD:refs/heads/coordination");

  const clone = await makeClone(sandbox, server);
  const { remote, objects } = await openClone(clone, { remote: `${server.path}.sha256` });
  await expect(remote.fetch()).rejects.toMatchObject({ code: "sha256_remote" });
  expect((await remote.push(null, await boardCommit(objects, null))).kind).toBe("unsent");
});

test("a local ref that cannot be written is a failure of this machine, not of the remote", async () => {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const { remote, objects, folder, endpoint } = await openClone(await makeClone(sandbox, server));
  const commit = await boardCommit(objects, null);
  const there = await openClone(await makeClone(sandbox, server));
  await there.remote.push(null, await boardCommit(there.objects, null));
  // A folder stands where the ref should be.
  await sandbox.git(folder.repository, "update-ref", `refs/coord/${endpoint.key}/coordination/x`, commit);
  await expect(remote.fetch()).rejects.toMatchObject({ code: "git_failed" });
});

test("a push takes one git process, and so does a fetch; the first after a push takes two", async () => {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const clone = await makeClone(sandbox, server);
  // For git it is the same folder, but only git knows.
  await clone.git("config", `url.${server.path}.insteadOf`, "/elsewhere");
  await clone.git("config", "remote.origin.url", "/elsewhere");
  const { remote, objects, spawned } = await openClone(clone);
  const commit = await boardCommit(objects, null);
  spawned.length = 0;
  await remote.push(null, commit);
  await remote.knownTip();
  await remote.fetch();
  await remote.fetch();
  const commands = spawned.map((args) => args.find((arg) => ["push", "fetch", "update-ref"].includes(arg)));
  expect(commands).toEqual(["push", "update-ref", "fetch", "fetch"]);
});

describe("a fetch from a folder", () => {
  test("takes no git process while the branch has not moved, and as ever when it has", async () => {
    const sandbox = await testSandbox();
    const server = await pathServer(sandbox);
    const one = await openClone(await makeClone(sandbox, server));
    const other = await openClone(await makeClone(sandbox, server));
    const first = await boardCommit(one.objects, null);
    await one.remote.push(null, first);
    await other.remote.fetch();
    other.spawned.length = 0;
    expect(await other.remote.fetch()).toEqual({ kind: "tip", tip: first });
    expect(other.spawned).toEqual([]);

    const second = await boardCommit(one.objects, first);
    await one.remote.push(first, second);
    expect(await other.remote.fetch()).toEqual({ kind: "tip", tip: second });
    await sandbox.git(server.path, "update-ref", "refs/heads/coordination", first);
    expect(await other.remote.fetch()).toEqual({ kind: "rewritten", known: second, remote: first });
  });

  test("asks git where the branch is no file, or is gone, or the folder is", async () => {
    const sandbox = await testSandbox();
    const server = await pathServer(sandbox);
    const { remote, objects, spawned } = await openClone(await makeClone(sandbox, server));
    const commit = await boardCommit(objects, null);
    await remote.push(null, commit);
    await sandbox.git(server.path, "pack-refs", "--all");
    spawned.length = 0;
    expect(await remote.fetch()).toEqual({ kind: "tip", tip: commit });
    expect(spawned).not.toEqual([]);
    await sandbox.git(server.path, "update-ref", "-d", "refs/heads/coordination");
    expect(await remote.fetch()).toEqual({ kind: "rewritten", known: commit, remote: null });
    await rm(server.path, { recursive: true });
    expect(await remote.fetch()).toMatchObject({ kind: "unreachable" });
  });
});

test("a push into a folder starts nothing there that is not needed, but every sixteenth has it tidied up", async () => {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  await sandbox.git(server.path, "config", "--unset", "receive.autogc");
  const clone = await makeClone(sandbox, server);
  const trace = join(sandbox.path, "trace");
  const { remote, objects } = await openClone({ ...clone, env: { ...clone.env, GIT_TRACE2_EVENT: trace } });
  let tip: string | null = null;
  for (const isSixteenth of [false, true, false]) {
    let commit = await boardCommit(objects, tip);
    while (commit.endsWith("0") !== isSixteenth) commit = await boardCommit(objects, tip);
    await writeFile(trace, "");
    expect(await remote.push(tip, commit)).toEqual({ kind: "landed" });
    const started = async () =>
      [...(await readFile(trace, "utf8")).matchAll(/"name":"([a-z-]+)"/g)].map(([, name]) => name);
    const always = ["push", "receive-pack", "pack-objects", "unpack-objects", "rev-list"];
    // It tidies up when the push has its answer already.
    await expect.poll(started).toEqual([...always, ...(isSixteenth ? ["for-each-ref", "gc"] : [])]);
    tip = commit;
  }
});

test("branches whose names are folders of one another can both be boards of one clone", async () => {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const clone = await makeClone(sandbox, server);
  const one = await openClone(clone, { branch: "team" });
  const commit = await boardCommit(one.objects, null);
  await one.remote.push(null, commit);
  await sandbox.git(server.path, "update-ref", "-d", "refs/heads/team");

  const other = await openClone(clone, { branch: "team/a" });
  expect(await other.remote.push(null, commit)).toEqual({ kind: "landed" });
  expect(await other.remote.fetch()).toEqual({ kind: "tip", tip: commit });
  expect(await one.remote.knownTip()).toBe(commit);
});
