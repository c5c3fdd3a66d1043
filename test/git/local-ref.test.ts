import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readIfThere } from "../../src/git/atomic-file.ts";
import { readRef } from "../../src/git/local-ref.ts";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, openClone } from "../support/clone.ts";
import { pathServer } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";

test("a ref is read loose, packed, and after it has moved on from what is packed", async () => {
  const sandbox = await testSandbox();
  const { remote, objects, folder } = await openClone(await makeClone(sandbox, await pathServer(sandbox)));
  const git = (...args: string[]) => sandbox.git(folder.repository, ...args);
  const first = await boardCommit(objects, null);
  const second = await boardCommit(objects, first);
  expect(await remote.knownTip()).toBeNull();
  await git("update-ref", remote.ref, first);
  expect(await remote.knownTip()).toBe(first);
  await git("pack-refs", "--all");
  expect(await readIfThere(join(folder.repository, remote.ref))).toBeNull();
  expect(await remote.knownTip()).toBe(first);
  expect(await readRef(folder.repository, `${remote.ref}x`)).toBeNull();
  expect(await readRef(folder.repository, remote.ref.slice(1))).toBeNull();
  await git("update-ref", remote.ref, second, first);
  expect(await remote.knownTip()).toBe(second);
});

test("a ref that cannot be read is an error, and not an absent one", async () => {
  const sandbox = await testSandbox();
  const { folder, remote } = await openClone(await makeClone(sandbox, null));
  // Root may read everything, so it is a loop of links that cannot be read.
  const loop = join(folder.repository, "refs", "coord");
  await symlink(loop, loop);
  await expect(remote.knownTip()).rejects.toMatchObject({ code: "ELOOP" });
});
