import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { fillUp } from "../support/fill-up.ts";
import { PROGRAM } from "./built.ts";
import { team } from "./window.ts";

/** What a command has loaded when it ends: its files without their folder, and the packages that are in them. */
async function loadedBy(window: Awaited<ReturnType<typeof team>>["ana"], ...args: readonly string[]) {
  const report = join(window.path, "loaded.json");
  const atEnd = `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(report)},
    JSON.stringify(Object.keys(require.cache))))`;
  const preload = join(window.path, "preload.cjs");
  await writeFile(preload, atEnd);
  await promisify(execFile)(process.execPath, ["--require", preload, PROGRAM, ...args], {
    cwd: window.path,
    env: window.env,
  });
  const files: string[] = JSON.parse(await readFile(report, "utf8")).filter((file: string) => file !== preload);
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const packages = texts.flatMap((text) => [...text.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)]);
  return { files: files.map((file) => basename(file)), packages: new Set(packages.map(([, name]) => name)) };
}

test("a claim reads three files, with nothing of the MCP server, the reference parser or other tools' files in them", async () => {
  const { ana } = await team();
  await ana.json("add", "one");
  const { files, packages } = await loadedBy(ana, "claim", "--next");
  expect(files).toEqual(["git-coord.cjs", "program.cjs", expect.stringMatching(/^rolldown-runtime-/)]);
  expect([...packages].sort()).toEqual(["commander", "is-network-error", "nanoid", "p-retry"]);
});

test("a command that finds much in the private repository has it packed, and does not wait for that", async () => {
  const { ana } = await team();
  const coord = join(ana.path, ".git", "coord");
  const loose = async () => (await readdir(join(coord, "repo.git", "objects", "17")).catch(() => [])).length;
  const left = fillUp(join(coord, "repo.git"), "left");
  expect(await loose()).toBeGreaterThanOrEqual(left.length);
  expect(await ana.json("lock", "build")).toMatchObject({ ok: true });
  await expect.poll(loose, { timeout: 30_000 }).toBe(0);
  // It has ended, and what was packed is read.
  await expect.poll(() => readdir(join(coord, "maintenance")), { timeout: 30_000 }).toEqual(["pruned", "started"]);
  expect(await ana.json("unlock", "build")).toMatchObject({ ok: true });
});

test("the program as it is shipped reads packs, which a clone gets of every history that is not short", async () => {
  const { ana } = await team();
  const { seq } = await ana.json("lock", "build");
  const folder = join(ana.path, ".git", "coord", "repo.git");
  await ana.git("-C", folder, "repack", "-adq");
  await ana.git("-C", folder, "prune-packed");
  expect(await ana.json("status")).toMatchObject({ ok: true, seq });
  expect(await ana.json("unlock", "build")).toMatchObject({ ok: true, seq: seq + 1 });
});
