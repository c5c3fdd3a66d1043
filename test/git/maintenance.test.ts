/** The private repository stays small, whoever is killed and whatever goes on at the same time. */

import { once } from "node:events";
import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { gitObject } from "../../src/git/loose-object.ts";
import { maintain } from "../../src/git/maintenance.ts";
import { GitObjectStore } from "../../src/git/object-store.ts";
import { writePack } from "../../src/git/pack-file.ts";
import { Packs } from "../../src/git/packs.ts";
import { createGit } from "../../src/git/run.ts";
import type { Oid } from "../../src/ledger/ports.ts";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, type OpenClone, openClone } from "../support/clone.ts";
import { fillUp } from "../support/fill-up.ts";
import { prepareProgram } from "../support/program.ts";
import { pathServer } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";

let sandbox: Sandbox;
let clone: OpenClone;
let gitDir: string;
beforeEach(async () => {
  sandbox = await testSandbox();
  clone = await openClone(await makeClone(sandbox, await pathServer(sandbox)));
  gitDir = clone.folder.repository;
});

const run = () => maintain(createGit({ environment: sandbox.env }), clone.folder);
/** Without what somebody who was killed has half written. */
const loose = async () => {
  const names = await readdir(join(gitDir, "objects", "17")).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{38}$/.test(name)).length;
};
const packs = async () => (await readdir(join(gitDir, "objects", "pack"))).filter((name) => name.endsWith(".pack"));
const isThere = (oid: Oid) =>
  sandbox.git(gitDir, "cat-file", "-e", oid).then(
    () => true,
    () => false,
  );

async function land(): Promise<Oid> {
  const base = await clone.remote.knownTip();
  const commit = await boardCommit(clone.objects, base);
  expect(await clone.remote.push(base, commit)).toEqual({ kind: "landed" });
  return commit;
}

/** Makes everything look as if it had been written two days ago, and the last look for what is old as well. */
async function age(): Promise<void> {
  const then = new Date(Date.now() - 2 * 86_400_000);
  for (const name of await readdir(join(gitDir, "objects"), { recursive: true }))
    await utimes(join(gitDir, "objects", name), then, then);
  await mkdir(join(clone.folder.path, "maintenance"), { recursive: true });
  await writeFile(join(clone.folder.path, "maintenance", "pruned"), "");
  await utimes(join(clone.folder.path, "maintenance", "pruned"), then, then);
}

describe("maintenance", () => {
  test("does nothing to a repository with little in it", async () => {
    await land();
    expect(await run()).toBe(false);
    expect(await packs()).toEqual([]);
  });

  test("packs what is loose, and loses none of it", async () => {
    const tip = await land();
    const left = fillUp(gitDir, "left");
    expect(await run()).toBe(true);
    expect([await loose(), (await packs()).length]).toEqual([0, 1]);
    expect(left.map((oid) => new Packs(gitDir).find(oid)?.oid)).toEqual(left);
    expect((await new GitObjectStore(gitDir).readCommit(tip)).oid).toBe(tip);
    expect(await run()).toBe(false);
    await land();
    expect(await sandbox.git(gitDir, "fsck", "--strict", "--no-dangling")).toBe("");
  });

  test("rolls many packs up, and leaves a large one alone", async () => {
    const objectsOf = (name: string, count: number) =>
      Array.from({ length: count }, (_, number) => {
        const { oid, kind, content } = gitObject("blob", Buffer.from(`${name} ${number}`));
        return { oid, kind, size: content.byteLength, deflated: deflateSync(content) };
      });
    const large = basename(writePack(gitDir, objectsOf("large", 600)));
    for (let count = 0; count < 60; count += 1) writePack(gitDir, objectsOf(`small ${count}`, 2));
    expect(await run()).toBe(true);
    expect(await packs()).toHaveLength(2);
    expect(await packs()).toContain(large);
    const oids = objectsOf("small 59", 2).map(({ oid }) => oid);
    expect(oids.map((oid) => new Packs(gitDir).find(oid)?.oid)).toEqual(oids);
  });

  test("once a day removes what nothing refers to and is old, and nothing else", async () => {
    const tip = await land();
    const old = fillUp(gitDir, "old");
    fillUp(gitDir, "again");
    await age();
    const young = fillUp(gitDir, "young");
    // Somebody writes the same: it is as good as new.
    const again = fillUp(gitDir, "again");
    expect(await run()).toBe(true);
    expect(await Promise.all([tip, ...young, ...again].map(isThere))).not.toContain(false);
    expect(await Promise.all(old.map(isThere))).not.toContain(true);
  });

  test("removes nothing while a push is in doubt, whose objects are on no ref", async () => {
    await land();
    const doubtful = await boardCommit(clone.objects, await clone.remote.knownTip());
    fillUp(gitDir, "old");
    await age();
    const queue = join(clone.folder.path, "queue", "origin", "coordination");
    await mkdir(queue, { recursive: true });
    await writeFile(join(queue, `${doubtful}.json`), "{}");
    expect(await run()).toBe(true);
    expect(await isThere(doubtful)).toBe(true);
    await rm(join(queue, `${doubtful}.json`));
    await age();
    fillUp(gitDir, "more");
    expect(await run()).toBe(true);
    expect(await isThere(doubtful)).toBe(false);
  });

  test("is never done by two at once, and a killed one is in nobody's way: whatever was landed stays readable", async () => {
    const start = await prepareProgram(sandbox, new URL("../support/programs/maintainer.ts", import.meta.url));
    const commonDir = dirname(clone.folder.path);
    const landed: Oid[] = [await land()];
    for (let round = 0; round < 2; round += 1) {
      const maintainers = [start(sandbox.env, commonDir), start(sandbox.env, commonDir)];
      for (const each of maintainers) await each.line("ready");
      for (let count = 0; count < 3; count += 1) {
        landed.push(await land());
        for (const oid of landed) expect((await new GitObjectStore(gitDir).readCommit(oid)).oid).toBe(oid);
      }
      for (const { process } of maintainers) {
        process.kill("SIGKILL");
        await once(process, "close");
      }
    }
    fillUp(gitDir, "after");
    await expect.poll(run, { timeout: 20_000 }).toBe(true);
    expect(await loose()).toBe(0);
    expect(await sandbox.git(gitDir, "fsck", "--strict", "--no-dangling")).toBe("");
    expect(await sandbox.git(gitDir, "rev-list", "--count", "--all")).toBe(String(landed.length));
  });
});
