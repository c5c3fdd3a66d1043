import { access, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createEmbedded, embeddedExists } from "../../src/git/private-repository.ts";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, openClone } from "../support/clone.ts";
import { pathServer } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";

test("twenty opens of a fresh clone at once all get the same sound repository", async () => {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, await pathServer(sandbox));
  const opened = await Promise.all(Array.from({ length: 20 }, () => openClone(clone)));
  const commits = await Promise.all(opened.map(({ objects }) => boardCommit(objects, null)));
  const [first] = opened;
  for (const commit of commits) expect((await first?.objects.readCommit(commit))?.oid).toBe(commit);
  const { path, repository } = first?.folder ?? { path: "", repository: "" };
  expect(await readdir(path)).toEqual(["repo.git", "settings"]);
  expect(await sandbox.git(repository, "fsck", "--strict", "--no-dangling")).toBe("");
});

test.each(["HEAD", "config", "objects", "refs", ""])(
  "without its %j it is made anew, and the ledger is fetched again",
  async (part) => {
    const sandbox = await testSandbox();
    const clone = await makeClone(sandbox, await pathServer(sandbox));
    const { remote, objects, folder } = await openClone(clone);
    const commit = await boardCommit(objects, null);
    await remote.push(null, commit);
    await remote.fetch();

    await rm(join(folder.repository, part), { recursive: true });
    const again = await openClone(clone);
    expect(await again.remote.fetch()).toEqual({ kind: "tip", tip: commit });
    expect((await again.objects.readCommit(commit)).oid).toBe(commit);
  },
);

test("git leaves alone what it holds, since objects of a push in doubt are on no ref", async () => {
  const sandbox = await testSandbox();
  const { folder } = await openClone(await makeClone(sandbox, await pathServer(sandbox)));
  expect(await sandbox.git(folder.repository, "config", "--get", "gc.auto")).toBe("0");
  await expect(access(join(folder.repository, "hooks"))).rejects.toThrow();
});

test("defaults of the user for new repositories do not reach it", async () => {
  const sandbox = await testSandbox();
  const template = join(sandbox.path, "template");
  await sandbox.git(sandbox.path, "init", "--quiet", template);
  await sandbox.git(sandbox.path, "config", "--global", "init.templateDir", template);
  await sandbox.git(sandbox.path, "config", "--global", "init.defaultObjectFormat", "sha256");
  const clone = await makeClone(sandbox, await pathServer(sandbox));
  const { folder } = await openClone({ ...clone, env: { ...clone.env, GIT_DEFAULT_HASH: "sha256" } });
  expect(await sandbox.git(folder.repository, "rev-parse", "--show-object-format")).toBe("sha1");
  await expect(access(join(folder.repository, "hooks"))).rejects.toThrow();
});

test("the embedded remote is made on request, becomes the default, and refuses to forget", async () => {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, null);
  const before = await openClone(clone);
  expect(before.endpoint.kind).toBe("embedded");
  expect(embeddedExists(before.folder)).toBe(false);
  expect((await before.remote.fetch()).kind).toBe("unreachable");

  createEmbedded(before.folder);
  await clone.git("remote", "add", "origin", "https://example.invalid/x.git");
  const { endpoint, remote, objects, folder } = await openClone(clone);
  expect(endpoint.kind).toBe("embedded");
  expect(await remote.fetch()).toEqual({ kind: "absent" });
  const commit = await boardCommit(objects, null);
  expect(await remote.push(null, commit)).toEqual({ kind: "landed" });
  await expect(clone.git("push", folder.embedded, ":refs/heads/coordination")).rejects.toThrow();
  await expect(clone.git("push", "--force", folder.embedded, "HEAD:refs/heads/coordination")).rejects.toThrow();
});

test("a file in the way is an error, and not an empty board", async () => {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, await pathServer(sandbox));
  await writeFile(join(clone.path, ".git", "coord"), "");
  await expect(openClone(clone)).rejects.toThrow();
});
