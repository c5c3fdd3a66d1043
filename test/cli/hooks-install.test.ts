import { chmod, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { does, git, refuses, stage } from "./guarded.ts";
import { preparedTeam, type Window } from "./window.ts";

/** A hook of somebody else, which leaves its name behind. */
async function writeHook(window: Window, path: string, body = ""): Promise<void> {
  const file = join(window.path, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho "$(basename "$0")" >>"$(git rev-parse --git-dir)/called"\n${body}\n`);
  await chmod(file, 0o755);
}

const called = async (window: Window) => {
  const gitDir = await does(window, "rev-parse", "--absolute-git-dir");
  return (await readFile(join(gitDir, "called"), "utf8").catch(() => "")).split("\n").filter(Boolean);
};

/** A commit is refused since bob holds the file: git-coord's hook is there. */
async function isGuarded(window: Window): Promise<void> {
  await window.run("status");
  await stage(window, { "held.c": "1\n" });
  await refuses(window, "held.c is held by bob", "commit", "-m", "held");
  await does(window, "rm", "--quiet", "--cached", "held.c");
}

const scene = preparedTeam(async ({ bob }) => {
  expect(await bob.json("lock", "-f", "held.c")).toMatchObject({ ok: true });
});

test("hooks that are there are called first, and stay as they are when ours go", async () => {
  const { ana } = await scene();
  for (const name of ["pre-commit", "post-commit", "commit-msg"]) await writeHook(ana, `.git/hooks/${name}`);
  const before = await readdir(join(ana.path, ".git/hooks"));
  const installed = JSON.parse((await ana.run("hooks", "install", "--json")).stdout);
  const [first, ...others] = installed.hooks;
  expect(first).toEqual({ name: "pre-commit", state: "active", chained: join(ana.path, ".git/hooks/pre-commit") });
  expect(others.map(({ name }: { name: string }) => name)).toEqual(["prepare-commit-msg", "commit-msg", "pre-push"]);
  await isGuarded(ana);
  expect(await called(ana)).toEqual(["pre-commit"]);
  await does(ana, "commit", "--allow-empty", "-m", "free");
  expect(await called(ana)).toEqual(["pre-commit", "pre-commit", "commit-msg", "post-commit"]);

  expect((await ana.run("hooks", "uninstall")).exit).toBe(0);
  expect(await readdir(join(ana.path, ".git/hooks"))).toEqual(before);
  expect((await git(ana, "config", "core.hooksPath")).exit).toBe(1);
  await stage(ana, { "held.c": "1\n" });
  await does(ana, "commit", "-m", "nobody minds");
});

test("what a hook that was there refuses stays refused", async () => {
  const { ana } = await scene();
  await writeHook(ana, ".git/hooks/pre-push", "cat >/dev/null; echo 'not on Fridays' >&2; exit 1");
  await ana.run("hooks", "install");
  await refuses(ana, "not on Fridays", "push", "origin", "main");
});

test("husky's folder is called where it is, is restored, and status tells when husky has come back", async () => {
  const { ana } = await scene();
  await writeHook(ana, ".husky/_/pre-commit");
  await does(ana, "config", "core.hooksPath", ".husky/_");
  await ana.run("hooks", "install");
  await ana.run("hooks", "install");
  await isGuarded(ana);
  expect(await called(ana)).toEqual(["pre-commit"]);
  expect((await ana.run("hooks", "status")).stdout).toMatch(/pre-commit +active +after .husky\/_\/pre-commit/);

  await does(ana, "config", "core.hooksPath", ".husky/_");
  const replaced = await ana.run("hooks", "status");
  expect(replaced.stdout).toMatch(/pre-commit +replaced/);
  expect(replaced.stderr).toContain("git coord hooks install");
  await ana.run("hooks", "install");
  await isGuarded(ana);
  await ana.run("hooks", "uninstall");
  expect(await does(ana, "config", "core.hooksPath")).toBe(".husky/_");
});

test("a repository that was moved keeps its own hooks, after installing again and after uninstalling", async () => {
  const { sandbox, ana } = await scene();
  await writeHook(ana, ".git/hooks/pre-commit");
  await ana.run("hooks", "install");
  const moved = ana.in(join(sandbox.path, "moved"));
  await rename(ana.path, moved.path);
  expect((await moved.run("hooks", "status")).stdout).toMatch(/pre-commit +replaced/);
  await moved.run("hooks", "install");
  await isGuarded(moved);
  expect(await called(moved)).toEqual(["pre-commit"]);

  const again = ana.in(join(sandbox.path, "again"));
  await rename(moved.path, again.path);
  await again.run("hooks", "uninstall");
  expect((await git(again, "config", "core.hooksPath")).exit).toBe(1);
});

test("a hook whose mere presence changes what git does is not invented", async () => {
  const { ana, bob } = await scene();
  await ana.run("hooks", "install");
  await does(ana, "config", "receive.denyCurrentBranch", "updateInstead");
  await does(bob, "fetch", "--quiet", ana.path, "main");
  await does(bob, "switch", "--quiet", "--detach", "FETCH_HEAD");
  await stage(bob, { "pushed.c": "1\n" });
  await does(bob, "commit", "-m", "pushed into a clone");
  await does(bob, "push", "--quiet", ana.path, "HEAD:main");
  expect(await readFile(join(ana.path, "pushed.c"), "utf8")).toBe("1\n");
});

test("worktrees with a hooks folder of their own each keep it, and lose nothing when another uninstalls", async () => {
  const { sandbox, ana } = await scene();
  await does(ana, "worktree", "add", "--quiet", "../linked", "-b", "linked");
  const linked = ana.in(join(sandbox.path, "linked"));
  await does(ana, "config", "extensions.worktreeConfig", "true");
  for (const [window, folder] of [
    [ana, ".first"],
    [linked, ".second"],
  ] as const) {
    await writeHook(window, `${folder}/pre-commit`);
    await does(window, "config", "--worktree", "core.hooksPath", folder);
    await window.run("hooks", "install");
  }
  for (const window of [ana, linked]) {
    await isGuarded(window);
    expect(await called(window)).toEqual(["pre-commit"]);
  }
  await ana.run("hooks", "uninstall");
  expect(await does(ana, "config", "core.hooksPath")).toBe(".first");
  await isGuarded(linked);
  await linked.run("hooks", "uninstall");
  expect(await does(linked, "config", "core.hooksPath")).toBe(".second");
});

test("linked worktrees and submodules are guarded, with hooks of their own chained", async () => {
  const { sandbox, ana, server } = await scene();
  await does(ana, "worktree", "add", "--quiet", "../linked", "-b", "linked");
  const linked = ana.in(join(sandbox.path, "linked"));
  await writeHook(ana, ".git/hooks/pre-commit");
  await linked.run("hooks", "install");
  await isGuarded(linked);
  await isGuarded(ana);
  expect(await called(linked)).toEqual(["pre-commit"]);

  await does(ana, "push", "--quiet", "origin", "main");
  const outer = ana.in(join(sandbox.path, "outer"));
  await sandbox.git(sandbox.path, "init", "--quiet", outer.path);
  const add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "-b", "main", server.path, "inner"];
  await sandbox.git(outer.path, ...add);
  const inner = outer.in(join(outer.path, "inner"));
  await inner.run("hooks", "install");
  await isGuarded(inner);
  await stage(outer, { "held.c": "1\n" });
  await does(outer, "commit", "-m", "the outer repository is another one");
});

test("install --server belongs into a bare repository, and install into one with a work tree", async () => {
  const { ana, server } = await scene();
  expect(await ana.run("hooks", "install", "--server")).toMatchObject({ exit: 2 });
  expect(await ana.in(server.path).run("hooks", "install")).toMatchObject({ exit: 2 });
  const written = await ana.run("hooks", "install", "--workflow", "check.yml");
  expect(written).toMatchObject({ exit: 0, stderr: "wrote check.yml\n" });
  const workflow = await readFile(join(ana.path, "check.yml"), "utf8");
  expect(workflow).toContain("git-coord verify");
  expect(workflow).toContain("git-coord hook pull-request");
});

test("a shim whose program has gone says so: a commit goes on, a push to a server is refused", async () => {
  const { ana, server } = await scene();
  const breakShim = async (folder: string, name: string) => {
    const file = join(folder, "coord/hooks", name);
    await writeFile(file, (await readFile(file, "utf8")).replace(/program='[^']*'/, "program='/gone'"));
  };
  await ana.run("hooks", "install");
  await breakShim(join(ana.path, ".git"), "pre-commit");
  const ran = await git(ana, "commit", "--allow-empty", "-m", "unchecked");
  expect(ran).toMatchObject({ exit: 0, stderr: expect.stringContaining("not checked (pre-commit)") });
  expect(await ana.in(server.path).run("hooks", "install", "--server")).toMatchObject({ exit: 0 });
  await breakShim(server.path, "pre-receive");
  await refuses(ana, "refused (pre-receive)", "push", "origin", "main");
});
