import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { fillUp } from "../support/fill-up.ts";
import { built, PROGRAM } from "./built.ts";
import { team } from "./window.ts";

/** All files that node reads before the first command can run. */
async function readAtStart(file: string, seen = new Map<string, string>()): Promise<Map<string, string>> {
  if (seen.has(file)) return seen;
  const text = await readFile(file, "utf8");
  seen.set(file, text);
  for (const [, name = ""] of text.matchAll(/^(?:import|export)\b[^"'()]*?["'](\.\/[^"']+)["'];?$/gm)) {
    await readAtStart(join(dirname(file), name), seen);
  }
  return seen;
}

test("a command reads nothing of the MCP server, nor of the editors of other tools' files", async () => {
  await built();
  const [, main = ""] = /import\("(\.\/main-[^"]+)"\)/.exec(await readFile(PROGRAM, "utf8")) ?? [];
  const files = await readAtStart(join(dirname(PROGRAM), main));
  expect(files.size).toBeGreaterThan(1);
  const text = [...files.values()].join("\n");
  expect(text).toContain("Coord-Op-Id");
  const packages = [...text.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(([, name]) => name);
  expect(packages).toContain("commander");
  for (const lazy of [
    "@modelcontextprotocol/server",
    "@modelcontextprotocol/core",
    "zod",
    "yaml",
    "jsonc-parser",
    "diff",
    "smol-toml",
    "remark-parse",
    "micromark",
    "string-width",
  ]) {
    expect(packages, lazy).not.toContain(lazy);
  }
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
