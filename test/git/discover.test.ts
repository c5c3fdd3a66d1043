import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeRepository } from "../../src/git/commands/describe-repository.ts";
import { discoverRepository } from "../../src/git/discover.ts";
import { createGit } from "../../src/git/run.ts";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, openClone } from "../support/clone.ts";
import { pathServer } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";

/** Claims something in the repository around `cwd`, as any command would. */
async function works(clone: { path: string; env: Readonly<Record<string, string>> }, cwd = clone.path) {
  const open = await openClone(clone, { cwd });
  const fetched = await open.remote.fetch();
  const base = fetched.kind === "tip" ? fetched.tip : null;
  const commit = await boardCommit(open.objects, base);
  expect(await open.remote.push(base, commit)).toEqual({ kind: "landed" });
  return open;
}

test("a plain clone, also from a folder inside it, with one process", async () => {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, await pathServer(sandbox));
  const inside = join(clone.path, "a folder", "b");
  await mkdir(inside, { recursive: true });
  const { repository } = await works(clone, inside);
  const common = { commonDir: join(clone.path, ".git"), gitDir: join(clone.path, ".git") };
  expect(repository).toMatchObject({ toplevel: clone.path, ...common, isBare: false, objectFormat: "sha1" });

  const spawned: (readonly string[])[] = [];
  await discoverRepository(createGit({ environment: clone.env, onSpawn: (args) => spawned.push(args) }), inside);
  expect(spawned.map(([command]) => command)).toEqual(["config"]);
});

test("a worktree, a submodule, a link to a clone, one with its files elsewhere: as git itself describes them", async () => {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, null);
  const [worktree, link, moved] = ["worktree", "link", "moved"].map((name) => join(sandbox.path, name)) as [
    string,
    string,
    string,
  ];
  await clone.git("worktree", "add", "--quiet", worktree);
  await clone.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", clone.path, "inner");
  await symlink(clone.path, link);
  const other = await makeClone(sandbox, null);
  await mkdir(moved);
  await other.git("config", "core.worktree", moved);
  for (const place of [clone.path, worktree, join(clone.path, "inner"), link, other.path]) {
    const git = createGit({ environment: sandbox.env });
    const { gitDir, commonDir, isBare, objectFormat, toplevel } = await discoverRepository(git, place);
    const described = await git.run(describeRepository(), { cwd: place });
    expect({ ok: true, gitDir, commonDir, isBare, objectFormat, toplevel }, place).toEqual(described);
  }
});

test("inside the .git folder, where hooks of the server run", async () => {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, await pathServer(sandbox));
  const { repository } = await works(clone, join(clone.path, ".git"));
  expect(repository).toMatchObject({ toplevel: null, commonDir: join(clone.path, ".git") });
});

test("linked worktrees share one private repository and have settings of their own", async () => {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, await pathServer(sandbox));
  const worktree = join(sandbox.path, "worktree");
  await clone.git("worktree", "add", "--quiet", worktree);
  await clone.git("config", "extensions.worktreeConfig", "true");
  await sandbox.git(worktree, "config", "--worktree", "coord.id", "orch-of-the-worktree");
  await clone.git("config", "coord.id", "orch-of-the-clone");

  const main = await works(clone);
  const linked = await works(clone, worktree);
  expect(linked.folder).toEqual(main.folder);
  expect(linked.repository.toplevel).toBe(worktree);
  expect(linked.repository.config.get("coord.id")).toBe("orch-of-the-worktree");
  expect(main.repository.config.get("Coord.ID")).toBe("orch-of-the-clone");
});

test("a submodule, whose .git is a file", async () => {
  const sandbox = await testSandbox();
  const module = await makeClone(sandbox, null);
  const outer = await makeClone(sandbox, null);
  await outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", module.path, "inner");
  const inner = { path: join(outer.path, "inner"), env: outer.env };
  const { repository } = await works(inner);
  expect(repository).toMatchObject({ toplevel: inner.path, commonDir: join(outer.path, ".git", "modules", "inner") });
});

test("a bare clone", async () => {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, await pathServer(sandbox), "--bare");
  const { repository } = await works(clone);
  expect(repository).toMatchObject({ toplevel: null, isBare: true, commonDir: clone.path });
});

test("shallow, partial and --reference clones of a server with other branches", async () => {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const first = await makeClone(sandbox, server);
  await first.git("commit", "--quiet", "--allow-empty", "-m", "second");
  await first.git("push", "--quiet", "origin", "HEAD:main");
  await sandbox.git(server.path, "config", "uploadpack.allowFilter", "true");
  for (const option of ["--depth=1", "--filter=blob:none", `--reference=${first.path}`]) {
    const path = join(sandbox.path, `clone${option.slice(0, 9)}`);
    await sandbox.git(sandbox.path, "clone", "--quiet", "--branch", "main", option, `file://${server.path}`, path);
    await works({ path, env: sandbox.env });
  }
});

test("a SHA-256 repository has a SHA-1 ledger", async () => {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const clone = await makeClone(sandbox, server, "--object-format=sha256");
  const { repository, folder } = await works(clone);
  expect(repository.objectFormat).toBe("sha256");
  expect(await sandbox.git(folder.repository, "rev-parse", "--show-object-format")).toBe("sha1");
});

test("no repository, a broken one, and one of a format that git does not know are told apart", async () => {
  const sandbox = await testSandbox();
  const git = createGit({ environment: sandbox.env });
  await expect(discoverRepository(git, sandbox.path)).rejects.toMatchObject({ code: "not_a_repository" });

  const future = await makeClone(sandbox, null);
  await future.git("config", "core.repositoryFormatVersion", "1");
  await future.git("config", "extensions.fromTheFuture", "true");
  await expect(discoverRepository(git, future.path)).rejects.toMatchObject({ code: "unusable_repository" });

  const broken = await makeClone(sandbox, null);
  await writeFile(join(broken.path, ".git", "config"), "[core\n");
  await expect(discoverRepository(git, broken.path)).rejects.toMatchObject({ code: "unusable_repository" });
});

test("a repository of somebody else is named as such", async () => {
  const sandbox = await testSandbox();
  const clone = await makeClone(sandbox, null);
  // Git's own way to act as if the owner were another user, set behind our back by a git on PATH.
  const folder = join(sandbox.path, "bin");
  await mkdir(folder);
  await writeFile(
    join(folder, "git"),
    `#!/bin/sh\nexport GIT_TEST_ASSUME_DIFFERENT_OWNER=1\nPATH='${sandbox.env.PATH}' exec git "$@"\n`,
  );
  await chmod(join(folder, "git"), 0o755);
  const git = createGit({ environment: { ...sandbox.env, PATH: `${folder}:${sandbox.env.PATH}` } });
  await expect(discoverRepository(git, clone.path)).rejects.toMatchObject({ code: "unsafe_repository" });
});
