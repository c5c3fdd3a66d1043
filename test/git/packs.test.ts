import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { GitObjectStore } from "../../src/git/object-store.ts";
import { Packs } from "../../src/git/packs.ts";
import { boardCommit } from "../support/board-commit.ts";
import { makeBare } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";

let sandbox: Sandbox;
let gitDir: string;
beforeEach(async () => {
  sandbox = await testSandbox();
  gitDir = await makeBare(sandbox);
});

const git = (...args: string[]) => sandbox.git(gitDir, ...args);

/** A chain whose board is large and changes a little each time, so that git makes deltas of it; the last is the tip. */
async function chain(length: number): Promise<string> {
  const objects = new GitObjectStore(gitDir);
  const lines = Array.from({ length: 4000 }, (_, line) => `| T${line} | a task of its own ${line * 7919} |`);
  let tip: string | null = null;
  for (let number = 0; number < length; number += 1) {
    lines[(number * 37) % lines.length] = `| changed in ${number} |`;
    const files = new Map([
      ["master_coordination.md", `${lines.join("\n")}\n`],
      [`archive/${number % 3}.md`, number === 0 ? "" : `number ${number}\n`],
    ]);
    tip = await boardCommit(objects, tip, { files });
  }
  await git("update-ref", "refs/heads/coordination", tip as string);
  return tip as string;
}

async function packed(): Promise<{ readonly oids: readonly string[]; readonly pack: string }> {
  const names = await readdir(join(gitDir, "objects", "pack"));
  const pack = join(gitDir, "objects", "pack", names.find((name) => name.endsWith(".pack")) as string);
  const rows = (await git("verify-pack", "-v", pack)).split("\n").map((row) => row.split(/\s+/));
  return { oids: rows.filter(([oid]) => /^[0-9a-f]{40}$/.test(oid ?? "")).map(([oid]) => oid as string), pack };
}

describe("packs that git made", () => {
  test.each(["true", "false"])("are read whole, deltas by offset: %s", async (byOffset) => {
    await chain(20);
    await git("-c", `repack.useDeltaBaseOffset=${byOffset}`, "repack", "-adfq", "--depth=50", "--window=20");
    await git("prune-packed", "--quiet");
    const { oids, pack } = await packed();
    expect(await git("verify-pack", "-v", pack)).toMatch(/chain length = [1-9]/);
    const packs = new Packs(gitDir);
    // The content is that of its name: `find` would have thrown.
    const read = oids.map((oid) => packs.find(oid)).map((found) => `${found?.oid} ${found?.kind}`);
    const all = await git("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)");
    expect(read.sort()).toEqual(all.split("\n"));
    expect(packs.find("0".repeat(40))).toBeNull();
    expect(packs.find("f".repeat(40))).toBeNull();
  });

  test("are several, come later, and are packed anew", async () => {
    const packs = new Packs(gitDir);
    const first = await chain(3);
    expect(packs.find(first)).toBeNull();
    await git("repack", "-dq");
    expect(packs.find(first)?.oid).toBe(first);
    const second = await chain(2);
    await git("repack", "-dq");
    expect(packs.find(second)?.oid).toBe(second);
    await git("update-ref", "refs/heads/first", first);
    await git("repack", "-adq");
    expect([first, second].map((oid) => packs.find(oid)?.oid)).toEqual([first, second]);
  });

  test("with a damaged byte give an exception, and never other content", async () => {
    const tip = await chain(4);
    await git("repack", "-adq");
    const { oids, pack } = await packed();
    const bytes = await readFile(pack);
    await chmod(pack, 0o644);
    for (let at = 13; at < bytes.byteLength - 20; at += Math.ceil(bytes.byteLength / 40)) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
      await writeFile(pack, damaged);
      const results = oids.map((oid) => {
        try {
          return new Packs(gitDir).find(oid)?.oid === oid;
        } catch {
          return null;
        }
      });
      expect(results).toContain(null);
      expect(results).not.toContain(false);
    }
    await writeFile(pack, bytes.subarray(0, 40));
    await expect(new GitObjectStore(gitDir).readCommit(tip)).rejects.toMatchObject({ code: "object_corrupt" });
  });
});
