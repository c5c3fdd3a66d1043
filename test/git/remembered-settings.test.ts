import { appendFile, chmod, chown, cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { discoverRepository } from "../../src/git/discover.ts";
import { createGit } from "../../src/git/run.ts";
import { makeClone } from "../support/clone.ts";
import { testSandbox } from "../support/test-sandbox.ts";

/** A clone whose settings were asked for once, and how to ask again: what git was started for, and what came of it. */
async function knownClone() {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, null);
  await clone.git("config", "coord.id", "orch-1");
  await mkdir(join(clone.path, ".git", "coord"));
  const discover = async ({ env = {}, cwd = clone.path }: { env?: Record<string, string>; cwd?: string } = {}) => {
    const started: string[] = [];
    const environment = { ...sandbox.env, ...env };
    const git = createGit({ environment, onSpawn: (args) => started.push(args.slice(0, 2).join(" ")) });
    const repository = await discoverRepository(git, cwd);
    return { started, repository, id: repository.config.get("coord.id") };
  };
  const first = await discover();
  expect(first.started).toEqual(["config --list"]);
  const memory = join(clone.path, ".git", "coord", "settings", ".git.json");
  return { sandbox, clone, discover, first, memory };
}

describe("what git said of its settings is used again", () => {
  test("by the next command, in any folder of the clone, without starting git", async () => {
    const { clone, discover, first } = await knownClone();
    const inside = join(clone.path, "a", "b");
    await mkdir(inside, { recursive: true });
    for (const cwd of [clone.path, inside]) {
      const { started, repository, id } = await discover({ cwd });
      expect(started).toEqual([]);
      expect(id).toBe("orch-1");
      expect({ ...repository, config: null }).toEqual({ ...first.repository, config: null });
    }
  });

  test("by each worktree for itself", async () => {
    const { sandbox, clone, discover } = await knownClone();
    const cwd = join(sandbox.path, "worktree");
    await clone.git("worktree", "add", "--quiet", cwd);
    await clone.git("config", "extensions.worktreeConfig", "true");
    await sandbox.git(cwd, "config", "--worktree", "coord.id", "orch-2");
    for (let round = 0; round < 2; round += 1) {
      expect((await discover({ cwd })).id).toBe("orch-2");
      expect((await discover()).id).toBe("orch-1");
    }
    expect((await discover({ cwd })).started).toEqual([]);
    expect((await discover()).started).toEqual([]);
  });

  test("also where the system has settings, and where it has none", async () => {
    const { sandbox, discover } = await knownClone();
    const system = join(sandbox.path, "system");
    const env = { GIT_CONFIG_NOSYSTEM: "0", GIT_CONFIG_SYSTEM: system };
    expect((await discover({ env })).started).toEqual(["config --list", "config --system"]);
    expect((await discover({ env })).started).toEqual([]);
    await writeFile(system, "[coord]\n\tbranch = theirs\n");
    for (const started of [["config --list"], []]) {
      const again = await discover({ env });
      expect(again.started).toEqual(started);
      expect(again.repository.config.get("coord.branch")).toBe("theirs");
    }
  });
});

describe("git is asked again", () => {
  test("as soon as a setting is written, however soon that is and however long the file was", async () => {
    const { clone, discover } = await knownClone();
    for (let number = 2; number < 8; number += 1) {
      await clone.git("config", "coord.id", `orch-${number}`);
      expect(await discover()).toMatchObject({ started: ["config --list"], id: `orch-${number}` });
      expect(await discover()).toMatchObject({ started: [], id: `orch-${number}` });
    }
  });

  test("when a file of settings appears that was not there", async () => {
    const { sandbox, clone, discover } = await knownClone();
    const home = join(sandbox.path, "home");
    const own = { GIT_CONFIG_GLOBAL: undefined as unknown as string };
    const files = [join(home, ".config", "git", "config"), join(home, ".gitconfig")];
    await clone.git("config", "--unset", "coord.id");
    expect((await discover({ env: own })).id).toBe(null);
    for (const [index, file] of files.entries()) {
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, `[coord]\n\tid = from-file-${index}\n`);
      expect(await discover({ env: own })).toMatchObject({ started: ["config --list"], id: `from-file-${index}` });
      expect((await discover({ env: own })).started).toEqual([]);
    }
    const elsewhere = { ...own, XDG_CONFIG_HOME: join(sandbox.path, "elsewhere") };
    expect((await discover({ env: elsewhere })).started).toEqual(["config --list"]);
  });

  test("when another git would answer", async () => {
    const { sandbox, discover } = await knownClone();
    const bin = join(sandbox.path, "bin");
    await mkdir(bin);
    const git = (await sandbox.git(sandbox.path, "--exec-path")).concat("/git");
    await symlink(git, join(bin, "git"));
    const env = { PATH: `${bin}:${sandbox.env.PATH}` };
    expect((await discover({ env })).started).toEqual(["config --list"]);
    expect((await discover({ env })).started).toEqual([]);
    await rm(join(bin, "git"));
    await writeFile(join(bin, "git"), `#!/bin/sh\nexec '${git}' "$@"\n`);
    await chmod(join(bin, "git"), 0o755);
    expect((await discover({ env })).started).toEqual(["config --list"]);
  });

  test("when settings are in variables: nobody writes those down", async () => {
    const { discover, memory } = await knownClone();
    const before = await readFile(memory, "utf8");
    const env = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "coord.id", GIT_CONFIG_VALUE_0: "from-a-variable" };
    for (let round = 0; round < 2; round += 1) {
      expect(await discover({ env })).toMatchObject({ started: ["config --list"], id: "from-a-variable" });
    }
    expect(await readFile(memory, "utf8")).toBe(before);
  });

  test("when a file includes another one, which may change by itself", async () => {
    const { clone, discover } = await knownClone();
    const other = join(clone.path, "other");
    await clone.git("config", "include.path", other);
    for (const id of ["from-other-1", "from-other-2"]) {
      await writeFile(other, `[coord]\n\tid = ${id}\n`);
      expect(await discover()).toMatchObject({ started: ["config --list"], id });
    }
  });

  test("when a setting is written while git is being asked: its answer may be the older one", async () => {
    const { sandbox, clone, discover, memory } = await knownClone();
    const bin = join(sandbox.path, "bin");
    await mkdir(bin);
    const real = (await sandbox.git(sandbox.path, "--exec-path")).concat("/git");
    const answerThenWrite = `'${real}' "$@"; '${real}' -C '${clone.path}' config coord.id written-meanwhile`;
    await writeFile(join(bin, "git"), `#!/bin/sh\n${answerThenWrite}\n`);
    await chmod(join(bin, "git"), 0o755);
    const before = await readFile(memory, "utf8");
    const env = { PATH: `${bin}:${sandbox.env.PATH}` };
    expect(await discover({ env })).toMatchObject({ started: ["config --list"], id: "orch-1" });
    expect(await readFile(memory, "utf8")).toBe(before);
    expect(await discover({ env })).toMatchObject({ started: ["config --list"], id: "written-meanwhile" });
  });

  test("twice where the system's settings are not where they usually are", async () => {
    const { sandbox, discover, memory } = await knownClone();
    const system = join(sandbox.path, "system");
    await writeFile(system, "[coord]\n\tbranch = theirs\n");
    const bin = join(sandbox.path, "bin");
    await mkdir(bin);
    const real = (await sandbox.git(sandbox.path, "--exec-path")).concat("/git");
    await writeFile(join(bin, "git"), `#!/bin/sh\nGIT_CONFIG_SYSTEM='${system}' exec '${real}' "$@"\n`);
    await chmod(join(bin, "git"), 0o755);
    await rm(memory);
    const env = { PATH: `${bin}:${sandbox.env.PATH}`, GIT_CONFIG_NOSYSTEM: "0" };
    for (const started of [["config --list"], ["config --list"], []]) {
      const again = await discover({ env });
      expect(again.started).toEqual(started);
      expect(again.repository.config.get("coord.branch")).toBe("theirs");
    }
    await writeFile(system, "[coord]\n\tbranch = others\n");
    expect((await discover({ env })).repository.config.get("coord.branch")).toBe("others");
  });

  test("when what is remembered is no longer what was written", async () => {
    const { discover, memory } = await knownClone();
    for (const text of ["", "{", "null", '{"key":"x","system":null,"entries":[]}']) {
      await writeFile(memory, text);
      expect(await discover()).toMatchObject({ started: ["config --list"], id: "orch-1" });
    }
  });

  test("in a copy of the clone, and by whoever else finds one", async () => {
    const { sandbox, clone, discover } = await knownClone();
    const cwd = join(sandbox.path, "copy");
    await cp(clone.path, cwd, { recursive: true });
    expect((await discover({ cwd })).started).toEqual(["config --list"]);
  });

  // Only root may give a file away.
  test.runIf(process.getuid?.() === 0)("in a clone that belongs to somebody else, which git refuses", async () => {
    const { clone, discover, memory } = await knownClone();
    await chown(join(clone.path, ".git"), 4321, 4321);
    expect((await readFile(memory, "utf8")).length).toBeGreaterThan(0);
    await expect(discover()).rejects.toMatchObject({ code: "unsafe_repository" });
  });
});

test("secrets of the user's own settings stay where they are; what addresses are rewritten is known all the same", async () => {
  const { sandbox, discover, memory } = await knownClone();
  await appendFile(
    sandbox.env.GIT_CONFIG_GLOBAL ?? "",
    `[http]\n\textraHeader = "Authorization: Basic s3cret"\n[url "https://user:s3cret@host/"]\n\tinsteadOf = /srv/\n`,
  );
  const before = (await discover()).repository.config;
  expect(before.entries.map(({ value }) => value)).toContain("/srv/");
  expect(await readFile(memory, "utf8")).not.toContain("s3cret");
  const { started, repository } = await discover();
  expect(started).toEqual([]);
  expect(repository.config.entries.filter(({ value }) => value === "/srv/")).toMatchObject([
    { key: "url.kept-elsewhere.insteadof" },
  ]);
});

test("nothing is written before the clone has a folder for it", async () => {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, null);
  await discoverRepository(createGit({ environment: sandbox.env }), clone.path);
  await expect(readFile(join(clone.path, ".git", "coord", "settings", ".git.json"))).rejects.toMatchObject({
    code: "ENOENT",
  });
});

test.each([
  ["http.https://host/.extraheader", "AUTHORIZATION: basic c2VjcmV0"],
  ["remote.origin.proxy", "http://user:secret@proxy"],
  ["remote.origin.url", "https://user:secret@host/r.git"],
])("with %s in the clone nothing is remembered: it may be taken away again", async (key, value) => {
  const { clone, discover, memory } = await knownClone();
  await clone.git("config", key, value);
  for (let round = 0; round < 2; round += 1) expect((await discover()).started).toEqual(["config --list"]);
  expect(await readFile(memory, "utf8")).not.toContain("ecret");
  await clone.git("config", "--unset", key);
  expect((await discover()).started.length).toBeLessThan(2);
  expect((await discover()).started).toEqual([]);
});
