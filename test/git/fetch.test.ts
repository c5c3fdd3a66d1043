import { rename } from "node:fs/promises";
import { expect, test } from "vitest";
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
  const { remote, objects, spawned } = await openClone(await makeClone(sandbox, await pathServer(sandbox)));
  const commit = await boardCommit(objects, null);
  spawned.length = 0;
  await remote.push(null, commit);
  await remote.knownTip();
  await remote.fetch();
  await remote.fetch();
  const commands = spawned.map((args) => args.find((arg) => ["push", "fetch", "update-ref"].includes(arg)));
  expect(commands).toEqual(["push", "update-ref", "fetch", "fetch"]);
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
