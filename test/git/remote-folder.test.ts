import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Config } from "../../src/git/config.ts";
import type { Endpoint } from "../../src/git/endpoint.ts";
import { remoteFolder, tipIn } from "../../src/git/remote-folder.ts";
import { testSandbox } from "../support/test-sandbox.ts";

function folderOf(url: string, settings: Endpoint["settings"] = [], config: Record<string, string> = {}) {
  const entries = Object.entries(config).map(([key, value]) => ({ scope: "global", key, value }));
  const endpoint: Endpoint = { kind: "location", name: url, key: "x", url, pushUrl: null, settings };
  return remoteFolder(endpoint, new Config(entries), "/work");
}

test.each([
  ["/srv/a b.git", "/srv/a b.git"],
  ["../server.git", "/server.git"],
  ["file:///srv/a%20b.git", "/srv/a b.git"],
])("%s is the folder %s", (url, folder) => {
  expect(folderOf(url)).toBe(folder);
});

test.each([
  "https://host/r.git",
  "host:r.git",
  "ssh://host/srv/r.git",
  "file://other-host/srv/r.git",
  // Git takes these for part of the path, and a reader of URLs does not.
  "file:///srv/a#b.git",
  "file:///srv/a?b.git",
  "file:///srv/%ZZ.git",
])("%s is none that could be read", (url) => {
  expect(folderOf(url)).toBe(null);
});

test("where the user has said how addresses are rewritten, or what answers there, only git knows", () => {
  expect(folderOf("/srv/r.git", [["uploadpack", "slow"]])).toBe(null);
  expect(folderOf("/srv/r.git", [["receivepack", "slow"]])).toBe(null);
  expect(folderOf("/srv/r.git", [["proxy", "p"]])).toBe("/srv/r.git");
  expect(folderOf("/srv/r.git", [], { "url.ssh://host/.insteadof": "/srv/" })).toBe(null);
  expect(folderOf("/srv/r.git", [], { "url.ssh://host/.pushinsteadof": "/srv/" })).toBe(null);
  expect(folderOf("/srv/r.git", [], { "url.ssh://host/.insteadof": "/elsewhere/" })).toBe("/srv/r.git");
});

test("the tip is read from the file of the ref; what is no such file says nothing, and is no failure", async () => {
  const { path } = await testSandbox();
  const oid = "0123456789".repeat(4);
  const bare = join(path, "refs", "heads");
  const inside = join(path, ".git", "refs", "heads");
  expect(tipIn(path, "board")).toBe(null);
  await mkdir(join(bare, "a"), { recursive: true });
  await writeFile(join(bare, "board"), `${oid}\n`);
  expect(tipIn(path, "board")).toBe(oid);
  expect(tipIn(path, "a")).toBe(null);
  // A repository inside comes first, as for git.
  await mkdir(inside, { recursive: true });
  await writeFile(join(inside, "board"), "ref: refs/heads/other\n");
  expect(tipIn(path, "board")).toBe(null);
  await rm(join(path, ".git"), { recursive: true });
  await writeFile(join(path, ".git"), "gitdir: elsewhere\n");
  expect(tipIn(path, "board")).toBe(null);
  await rm(join(path, ".git"));
  expect(tipIn(path, "board")).toBe(oid);
  await rm(join(bare, "board"));
  await symlink("board", join(bare, "board"));
  expect(tipIn(path, "board")).toBe(null);
});
