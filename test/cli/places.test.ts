import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { makeClone } from "../support/clone.ts";
import { makeBare } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { PROGRAM } from "./built.ts";
import { openWindow, team } from "./window.ts";

describe("the folder", () => {
  test("may be given with -C, several times, before and after the command", async () => {
    const { ana, sandbox } = await team();
    await mkdir(join(ana.path, "src", "deep"), { recursive: true });
    const outside = ana.in(sandbox.path);
    const name = relative(sandbox.path, ana.path);
    expect(await outside.json("status")).toMatchObject({
      code: "environment",
      exit: 6,
      hint: expect.stringContaining("-C"),
    });
    expect(await outside.json("-C", name, "-C", "src", "add", "a task", "-C", "deep")).toMatchObject({ ok: true });
    await writeFile(join(ana.path, "src", "board.md"), (await ana.json("board")).board);
    expect(await outside.json("-C", join(name, "src"), "apply", "board.md")).toMatchObject({ ok: true, changes: [] });
  });

  test("alone decides which repository is meant, also where git has set its variables", async () => {
    const { ana, there } = await team();
    const confused = ana.with({
      GIT_DIR: join(there.path, ".git"),
      GIT_INDEX_FILE: "/nowhere",
      GIT_WORK_TREE: there.path,
    });
    expect(await confused.json("lock", "build")).toMatchObject({ ok: true });
    expect(await readdir(join(there.path, ".git"))).not.toContain("coord");
  });

  test("may be a linked worktree or a submodule", async () => {
    const { ana, sandbox, server } = await team();
    const linked = ana.in(join(sandbox.path, "linked"));
    await ana.git("worktree", "add", "--quiet", linked.path);
    const fence = (await linked.json("lock", "build")).leases[0].fence;
    expect((await ana.json("lock", "build")).leases[0].fence).toBe(fence);

    await sandbox.git(ana.path, "push", "--quiet", "origin", "HEAD:refs/heads/main");
    const super_ = await makeClone(sandbox, null);
    await super_.git(
      "-c",
      "protocol.file.allow=always",
      "submodule",
      "--quiet",
      "add",
      "-b",
      "main",
      server.path,
      "sub",
    );
    const sub = openWindow(sandbox, join(super_.path, "sub"), { ...super_.env, COORD_ID: "bob" });
    expect(await sub.json("lock", "build")).toMatchObject({ code: "held", holder: "ana" });
    expect(await super_.git("-C", "sub", "status", "--porcelain")).toBe("");
  });

  test("is left as it was: work tree, index, refs and hooks of the user", async () => {
    const { ana } = await team();
    const hook = join(ana.path, ".git", "hooks", "pre-push");
    await mkdir(join(hook, ".."), { recursive: true });
    await writeFile(hook, "#!/bin/sh\nexit 1\n");
    await chmod(hook, 0o755);
    const refs = await ana.git("for-each-ref");
    expect(await ana.json("add", "a task")).toMatchObject({ ok: true });
    expect(await ana.git("for-each-ref")).toBe(refs);
    expect(await ana.git("status", "--porcelain", "--ignored")).toBe("");
  });

  test("may be where a git hook runs", async () => {
    const { ana } = await team();
    const hook = join(ana.path, ".git", "hooks", "pre-commit");
    await mkdir(join(hook, ".."), { recursive: true });
    await writeFile(hook, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' --as hook lock build >&2\n`);
    await chmod(hook, 0o755);
    await ana.git("commit", "--quiet", "--allow-empty", "-m", "built");
    expect((await ana.json("status")).board.leases).toMatchObject([{ resource: "lock:build", holder: "hook" }]);
  });
});

describe("the remote and the branch", () => {
  test("without any remote are made inside the clone, and shared by its worktrees", async () => {
    const sandbox = await testSandbox();
    const { path, env } = await makeClone(sandbox, null);
    const here = openWindow(sandbox, path, env);
    expect(await here.json("status")).toMatchObject({
      code: "not_found",
      exit: 4,
      hint: expect.stringContaining("git coord init"),
    });
    expect(await here.json("init")).toMatchObject({ created: true, remote: expect.stringContaining(".git") });
    const linked = here.in(join(sandbox.path, "linked"));
    await here.git("worktree", "add", "--quiet", linked.path);
    expect(await here.json("lock", "build", "--as", "ana")).toMatchObject({ ok: true });
    expect(await linked.json("lock", "build", "--as", "bob")).toMatchObject({ code: "held", holder: "ana" });
  });

  test("are named by flag, then environment, then configuration", async () => {
    const { ana, sandbox } = await team();
    const other = await makeBare(sandbox);
    expect(await ana.json("init", "--remote", other, "--branch", "team/two")).toMatchObject({
      created: true,
      remote: other,
      branch: "team/two",
    });
    expect(await ana.json("add", "over there", "--remote", other, "--branch", "team/two")).toMatchObject({ ok: true });
    expect((await ana.json("status")).board.tasks).toEqual([]);
    const by = async (window: typeof ana, ...options: string[]) =>
      (await window.json("status", ...options)).board?.tasks.length;
    expect(await by(ana.with({ COORD_REMOTE: other, COORD_BRANCH: "team/two" }))).toBe(1);
    await ana.git("config", "coord.remote", other);
    await ana.git("config", "coord.branch", "team/two");
    expect(await by(ana)).toBe(1);
    expect(await by(ana.with({ COORD_REMOTE: "origin" }), "--branch", "coordination")).toBe(0);
    expect(await ana.json("status", "--remote", "upstream")).toMatchObject({
      code: "usage",
      hint: expect.stringContaining("origin"),
    });
  });

  test("keep several boards apart: one lock on each", async () => {
    const { ana, bob } = await team();
    await ana.json("init", "--branch", "docs");
    expect(await ana.json("lock", "build")).toMatchObject({ ok: true });
    expect(await bob.json("lock", "build", "--branch", "docs")).toMatchObject({ ok: true });
    expect(await bob.json("lock", "build")).toMatchObject({ code: "held", holder: "ana" });
  });
});
