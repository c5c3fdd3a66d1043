import { chmod, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { GitObjectStore } from "../../src/git/object-store.ts";
import type { NewCommit, Oid } from "../../src/ledger/ports.ts";
import { makeBare } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";

const PERSON = { name: "orch-1430-7842", email: "orch@example.invalid" };
const FILE = "master_coordination.md";

let sandbox: Sandbox;
let gitDir: string;
let objects: GitObjectStore;
beforeEach(async () => {
  sandbox = await testSandbox();
  gitDir = await makeBare(sandbox);
  objects = new GitObjectStore(gitDir);
});

const git = (...args: string[]) => sandbox.git(gitDir, ...args);

async function write(
  files: Record<string, string>,
  parent: Oid | null = null,
  more: Partial<NewCommit> = {},
): Promise<Oid> {
  const at = Date.UTC(2026, 0, 21, 14, 30, 0, 999);
  const message = "lock build\n\nCoord-Op-Id: x\n";
  const oid = await objects.writeCommit({
    parent,
    files: new Map(Object.entries(files)),
    author: PERSON,
    committer: { name: "A Person", email: "person@example.invalid" },
    at,
    message,
    ...more,
  });
  await objects.settled();
  return oid;
}

/** Makes a commit of a tree that is written out as `mode oid TAB path` lines. */
async function treeOf(...lines: string[]): Promise<Oid> {
  const listing = join(sandbox.path, "tree");
  await writeFile(listing, lines.map((line) => `${line}\n`).join(""));
  await sandbox.git(
    sandbox.path,
    "-c",
    `alias.fill=!git --git-dir='${gitDir}' update-index --add --index-info < '${listing}'`,
    "fill",
  );
  return git("commit-tree", "-m", "by git", await git("write-tree"));
}

async function blob(bytes: string | Uint8Array): Promise<Oid> {
  const file = join(sandbox.path, "blob");
  await writeFile(file, bytes);
  return git("hash-object", "-w", "--no-filters", file);
}

const looseFile = (oid: Oid) => join(gitDir, "objects", oid.slice(0, 2), oid.slice(2));

describe("writing a commit", () => {
  test("gives what git would have written, in UTC, and fsck finds nothing", async () => {
    const oid = await write({ [FILE]: "# Board\n", "archive/2026-01.md": "old\n" });
    expect(await git("cat-file", "commit", oid)).toBe(
      [
        `tree ${await git("rev-parse", `${oid}^{tree}`)}`,
        "author orch-1430-7842 <orch@example.invalid> 1769005800 +0000",
        "committer A Person <person@example.invalid> 1769005800 +0000",
        "",
        "lock build",
        "",
        "Coord-Op-Id: x",
      ].join("\n"),
    );
    expect(await git("show", `${oid}:archive/2026-01.md`)).toBe("old");
    expect(await git("fsck", "--strict", "--no-dangling")).not.toMatch(/error|warning/);
  });

  test("replaces its files and keeps everything else of the parent, to the byte", async () => {
    const content = await blob("kept\n");
    const parent = await treeOf(
      `100755 ${content}\trun.sh`,
      `120000 ${content}\tlink`,
      `160000 ${"1".repeat(40)}\tmodule`,
      `100644 ${content}\tarchive/2025-12.md`,
      `100644 ${content}\tarchive.md`,
      `100644 ${content}\tarchive-old`,
      `100644 ${content}\tä`,
      `100644 ${content}\t${FILE}`,
    );
    const oid = await write({ [FILE]: "new\n", "archive/2026-01.md": "new\n" }, parent);
    const before = (await git("ls-tree", "-r", parent)).split("\n");
    const after = (await git("ls-tree", "-r", oid)).split("\n");
    expect(after.filter((line) => !before.includes(line))).toHaveLength(2);
    expect(before.filter((line) => !after.includes(line))).toEqual([expect.stringContaining(FILE)]);
    expect(await git("rev-parse", `${oid}^`)).toBe(parent);
    expect(await git("fsck", "--strict", "--no-dangling")).not.toMatch(/error|warning/);
  });

  test("of no files repeats the parent's tree", async () => {
    const parent = await write({ [FILE]: "x\n" });
    const oid = await write({}, parent);
    expect(await git("rev-parse", `${oid}^{tree}`)).toBe(await git("rev-parse", `${parent}^{tree}`));
  });

  test("never puts a folder where somebody has a file", async () => {
    const parent = await write({ archive: "a file of somebody\n" });
    await expect(write({ "archive/2026-01.md": "x" }, parent)).rejects.toMatchObject({ code: "path_in_the_way" });
  });

  test("with a name that would end early is still sound", async () => {
    const oid = await write({ [FILE]: "x\n" }, null, { author: { name: "a<b>\nc\0", email: "x>\ny" } });
    expect((await objects.readCommit(oid)).author).toEqual({ name: "abc", email: "xy" });
    await write({ [FILE]: "x\n" }, null, { author: { name: " <> ", email: "" } });
    expect(await git("fsck", "--strict", "--no-dangling")).not.toMatch(/error|warning/);
  });

  test("leaves no temporary files, and objects that nobody may change", async () => {
    const oid = await write({ [FILE]: "x\n" });
    const names = await readdir(join(gitDir, "objects"), { recursive: true });
    expect(names.filter((name) => name.includes("tmp"))).toEqual([]);
    expect((await stat(looseFile(oid))).mode & 0o222).toBe(0);
  });

  test("mends an object that a crash has left torn or empty", async () => {
    const files = { [FILE]: "the board\n".repeat(500) };
    const oid = await write(files);
    const torn = [oid, await git("rev-parse", `${oid}^{tree}`), await git("rev-parse", `${oid}:${FILE}`)];
    for (const [index, each] of torn.entries()) {
      await chmod(looseFile(each), 0o644);
      await truncate(looseFile(each), index * 10);
    }
    // A new process: this one still has the objects in memory.
    objects = new GitObjectStore(gitDir);
    await expect(objects.readCommit(oid)).rejects.toMatchObject({ code: "object_corrupt" });
    expect(await write(files)).toBe(oid);
    expect(await git("fsck", "--strict", "--no-dangling")).not.toMatch(/error|warning/);
  });

  test("of many at once leaves all of them whole", async () => {
    const oids = await Promise.all(Array.from({ length: 30 }, (_, index) => write({ [FILE]: `board ${index % 3}\n` })));
    expect(new Set(oids).size).toBe(3);
    expect(await git("fsck", "--strict", "--no-dangling")).not.toMatch(/error|warning/);
  });

  test("fails when the disk does, and does not say that it was written", async () => {
    await rm(join(gitDir, "objects"), { recursive: true });
    await writeFile(join(gitDir, "objects"), "a file where the folder should be");
    await expect(write({ [FILE]: "x\n", "archive/2026-01.md": "y\n" })).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});

describe("reading", () => {
  test("a commit that git has written", async () => {
    const parent = await write({ [FILE]: "x\n" });
    const oid = await git(
      "-c",
      "user.name=Zoë",
      "commit-tree",
      "-p",
      parent,
      "-m",
      "by hand\n\nmore",
      `${parent}^{tree}`,
    );
    expect(await objects.readCommit(oid)).toMatchObject({
      oid,
      parents: [parent],
      tree: await git("rev-parse", `${parent}^{tree}`),
      author: { name: "Zoë", email: "test@example.invalid" },
      message: "by hand\n\nmore\n",
      at: Number(await git("show", "-s", "--format=%ct", oid)) * 1000,
    });
  });

  test.each([
    ["no headers but the tree", "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nx\n"],
    ["a signature that is none", "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor x\ncommitter <<>> z\n\nx\n"],
    ["nothing", ""],
  ])("a commit with %s is no crash", async (_, text) => {
    const file = join(sandbox.path, "commit");
    await writeFile(file, text);
    const oid = await git("hash-object", "-w", "-t", "commit", "--literally", file);
    expect(await objects.readCommit(oid)).toMatchObject({ oid, parents: [], at: 0 });
  });

  test("a file, to the byte: a byte order mark and carriage returns included", async () => {
    const text = "\ufeff# Board\r\n\r\n| ä | 日本 | 🔒 |\r\nno end";
    const oid = await write({ [FILE]: text, "archive/2026-01.md": "old" });
    expect(await objects.readFile(oid, FILE, 1000)).toEqual({ kind: "text", text });
    expect(await objects.readFile(oid, "archive/2026-01.md", 1000)).toEqual({ kind: "text", text: "old" });
    expect(await readFile(looseFile(oid))).toBeInstanceOf(Buffer);
  });

  test("what is no readable file is said, and is not an absent one", async () => {
    const text = await blob("x\n");
    const oid = await treeOf(
      `100644 ${text}\tfile`,
      `120000 ${text}\tlink`,
      `160000 ${"1".repeat(40)}\tmodule`,
      `100644 ${text}\tfolder/file`,
      `100644 ${await blob(Buffer.from([0x61, 0xff, 0xfe]))}\tbinary`,
      `100644 ${await blob("12345")}\tlarge`,
    );
    const read = (path: string) => objects.readFile(oid, path, 4);
    expect(await read("file")).toEqual({ kind: "text", text: "x\n" });
    expect(await read("link")).toEqual({ kind: "unusable", why: "link" });
    expect(await read("link/file")).toEqual({ kind: "unusable", why: "link" });
    expect(await read("module")).toEqual({ kind: "unusable", why: "submodule" });
    expect(await read("folder")).toEqual({ kind: "unusable", why: "folder" });
    expect(await read("binary")).toEqual({ kind: "unusable", why: "not_utf8" });
    expect(await read("large")).toEqual({ kind: "unusable", why: "too_large" });
    expect(await read("nothing")).toEqual({ kind: "missing" });
    expect(await read("folder/nothing")).toEqual({ kind: "missing" });
    expect(await read("file/below")).toEqual({ kind: "missing" });
  });

  test("an object that is not there is an exception, and so is one of another kind", async () => {
    await expect(objects.readCommit("1".repeat(40))).rejects.toMatchObject({ code: "object_missing" });
    await expect(objects.readCommit(await blob("x"))).rejects.toMatchObject({ code: "object_corrupt" });
    const oid = await write({ [FILE]: "x\n" });
    const file = await git("rev-parse", `${oid}:${FILE}`);
    await rm(looseFile(file));
    objects = new GitObjectStore(gitDir);
    await expect(objects.readFile(oid, FILE, 1000)).rejects.toMatchObject({ code: "object_missing" });
  });

  test("sees what another process has packed, and packed again, since the last read", async () => {
    let tip: Oid | null = null;
    for (let round = 0; round < 3; round++) {
      tip = await write({ [FILE]: `round ${round}\n` }, tip);
      expect((await objects.readCommit(tip)).oid).toBe(tip);
      await git("update-ref", "refs/heads/x", tip);
      await git("gc", "--quiet", "--prune=now");
      expect(await objects.readFile(tip, FILE, 1000)).toEqual({ kind: "text", text: `round ${round}\n` });
    }
    expect(await readdir(join(gitDir, "objects", "pack"))).not.toEqual([]);
  });
});
