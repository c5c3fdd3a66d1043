import { chmod, mkdir, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { carriedSettings, settingsEnvironment } from "../../src/git/user-settings.ts";
import { boardCommit } from "../support/board-commit.ts";
import { type Clone, makeClone, type OpenOptions, openClone } from "../support/clone.ts";
import { httpServer } from "../support/http-server.ts";
import { installHook, pathServer } from "../support/remote-server.ts";
import { sshServer } from "../support/ssh-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";

/** Pushes and fetches, as every command does. */
async function exchange(clone: Pick<Clone, "path" | "env">, options: OpenOptions = {}) {
  const open = await openClone(clone, options);
  const commit = await boardCommit(open.objects, null);
  expect(await open.remote.push(null, commit)).toEqual({ kind: "landed" });
  expect(await open.remote.fetch()).toEqual({ kind: "tip", tip: commit });
  return open;
}

describe("settings in the user's repository reach our git", () => {
  test("a credential helper", async () => {
    const sandbox = await testSandbox();
    const server = await httpServer(sandbox);
    server.requirePassword("me", "secret");
    const clone = await makeClone(sandbox, server);
    const stranger = await openClone(clone);
    expect((await stranger.remote.push(null, await boardCommit(stranger.objects, null))).kind).toBe("unsent");
    expect((await stranger.remote.fetch()).kind).toBe("unreachable");

    await clone.git("config", "credential.helper", "!f() { echo username=me; echo password=secret; }; f");
    await exchange(clone);
  });

  test("a header with a token, as build servers write it for one address", async () => {
    const sandbox = await testSandbox();
    const server = await httpServer(sandbox);
    server.requirePassword("me", "secret");
    const clone = await makeClone(sandbox, server);
    const token = Buffer.from("me:secret").toString("base64");
    await clone.git("config", `http.${new URL(server.url).origin}/.extraheader`, `AUTHORIZATION: Basic ${token}`);
    await exchange(clone);
  });

  test("core.sshCommand", async () => {
    const sandbox = await testSandbox();
    const server = await sshServer(sandbox);
    const clone = await makeClone(sandbox, server);
    await clone.git("config", "core.sshCommand", server.env.GIT_SSH_COMMAND ?? "");
    await exchange({ path: clone.path, env: sandbox.env });
  });

  test("a connection that ssh keeps open does not keep us waiting", async () => {
    const sandbox = await testSandbox();
    const server = await sshServer(sandbox);
    const control = join(sandbox.path, "c");
    const kept = `${server.env.GIT_SSH_COMMAND} -o ControlMaster=auto -o ControlPersist=yes -o ControlPath=${control}`;
    const clone = await makeClone(sandbox, server);
    await clone.git("config", "core.sshCommand", kept);
    // Ends the connection: the process that keeps it would outlive the test.
    sandbox.defer(() => sandbox.git(clone.path, "-c", `alias.x=!${kept} -q -O exit 127.0.0.1`, "x"));
    await exchange({ path: clone.path, env: sandbox.env });
    expect((await stat(control)).isSocket()).toBe(true);
  });

  test("a worktree's own", async () => {
    const sandbox = await testSandbox();
    const server = await pathServer(sandbox);
    const clone = await makeClone(sandbox, { ...server, url: "short:x" });
    await clone.git("config", "extensions.worktreeConfig", "true");
    await clone.git("config", "--worktree", `url.${server.path}.insteadOf`, "short:x");
    await exchange(clone);
  });

  test("url.*.insteadOf, and pushInsteadOf as git push has it", async () => {
    const sandbox = await testSandbox();
    const server = await pathServer(sandbox);
    const clone = await makeClone(sandbox, { ...server, url: "work:project" });
    await clone.git("config", `url.${server.path}.insteadOf`, "work:project");
    await exchange(clone);

    const other = await pathServer(sandbox);
    const split = await makeClone(sandbox, other);
    await split.git("config", `url.${server.path}.pushInsteadOf`, other.path);
    await split.git("config", "remote.origin.pushurl", other.path);
    await exchange(split);
  });

  test("a push address that differs from the fetch address", async () => {
    const sandbox = await testSandbox();
    const server = await pathServer(sandbox);
    const clone = await makeClone(sandbox, { ...server, url: join(sandbox.path, "a-mirror-that-is-gone") });
    await clone.git("config", "remote.origin.pushurl", server.url);
    await exchange(clone);
  });

  test("a relative address, from wherever the program is started", async () => {
    const sandbox = await testSandbox();
    const server = await pathServer(sandbox);
    const clone = await makeClone(sandbox, null);
    await clone.git("remote", "add", "origin", relative(clone.path, server.path));
    const inside = join(clone.path, "x", "y");
    await mkdir(inside, { recursive: true });
    await exchange(clone, { cwd: inside });
  });

  test("what the environment sets stays stronger, and what is added up is added up", async () => {
    const local = [{ scope: "local", key: "http.proxy", value: "of-the-repository" }];
    const env = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "http.proxy", GIT_CONFIG_VALUE_0: "of-the-environment" };
    const sandbox = await testSandbox();
    const { git } = await openClone({ path: (await makeClone(sandbox, null)).path, env: { ...sandbox.env, ...env } });
    const settings = settingsEnvironment(local, git.environment);
    const result = await git.run(
      { args: ["config", "--get-all", "http.proxy"], parse: ({ stdout }) => stdout },
      { cwd: sandbox.path, env: settings },
    );
    expect(result).toBe("of-the-repository\nof-the-environment\n");
  });
});

describe("settings of the user that are not about reaching a remote", () => {
  const LEAKS = [
    ["push.followTags", "true"],
    ["push.gpgSign", "true"],
    ["push.pushOption", "a-server-without-options-would-refuse-this"],
    ["push.recurseSubmodules", "only"],
    ["push.default", "nothing"],
    ["push.negotiate", "true"],
    ["push.useForceIfIncludes", "true"],
    ["submodule.recurse", "true"],
    ["fetch.prune", "true"],
    ["fetch.recurseSubmodules", "true"],
    ["fetch.writeCommitGraph", "true"],
    ["fetch.unpackLimit", "1"],
    ["transfer.hideRefs", "refs/heads/coordination"],
    ["transfer.unpackLimit", "1"],
    ["remote.origin.mirror", "true"],
    ["remote.origin.tagOpt", "--tags"],
    ["remote.origin.promisor", "true"],
    ["remote.origin.partialCloneFilter", "blob:none"],
    ["remote.pushDefault", "nowhere"],
    ["core.bare", "false"],
    ["core.fsmonitor", "false-program"],
    ["core.logAllRefUpdates", "always"],
    ["alias.push", "!false"],
  ] as const;

  test.each(["--local", "--global"])("written with %s they change nothing about our calls", async (scope) => {
    const sandbox = await testSandbox();
    const server = await pathServer(sandbox);
    const clone = await makeClone(sandbox, server);
    await clone.git("tag", "-a", "-m", "a tag", "v1");
    // The server reads the user's settings too, where it is a path: this one would hide its branch from all.
    const settings = LEAKS.filter(([key]) => scope === "--local" || !/^(transfer|core\.bare)/.test(key));
    for (const [key, value] of settings) await clone.git("config", scope, key, value);
    const other = await openClone(await makeClone(sandbox, server));
    const theirs = await boardCommit(other.objects, null);
    await other.remote.push(null, theirs);
    const { folder, remote, objects } = await openClone(clone);
    expect(await remote.fetch()).toEqual({ kind: "tip", tip: theirs });
    expect(await remote.push(theirs, await boardCommit(objects, theirs))).toEqual({ kind: "landed" });
    expect(await sandbox.git(server.path, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/coordination");
    expect(await sandbox.git(folder.repository, "for-each-ref", "--format=%(refname)")).toBe(
      "refs/coord-pushed/origin/coordination\nrefs/coord/origin/coordination",
    );
    expect(await sandbox.git(folder.repository, "rev-parse", "--is-bare-repository")).toBe("true");
    await other.remote.fetch();
    await other.remote.push(
      await other.remote.knownTip(),
      await boardCommit(other.objects, await other.remote.knownTip()),
    );
    await remote.fetch();
    // Only what the first fetch brought.
    expect(await sandbox.git(folder.repository, "count-objects", "-v")).toContain("packs: 1");
  });

  test("extensions of the user's repository do not make ours unreadable", async () => {
    const sandbox = await testSandbox();
    const clone = await makeClone(sandbox, await pathServer(sandbox), "--object-format=sha256");
    for (const [key, value] of [
      ["extensions.worktreeConfig", "true"],
      ["extensions.partialClone", "origin"],
      ["extensions.preciousObjects", "true"],
    ] as const)
      await clone.git("config", key, value);
    await exchange(clone);
  });

  test.each(["--local", "--global"])("hooks that core.hooksPath names with %s are not run", async (scope) => {
    const sandbox = await testSandbox();
    const clone = await makeClone(sandbox, await pathServer(sandbox));
    const hooks = join(sandbox.path, "husky");
    await mkdir(hooks);
    for (const name of ["pre-push", "reference-transaction", "post-merge"]) {
      await writeFile(join(hooks, name), "#!/bin/sh\necho 'a hook of the user ran' >&2\nexit 1\n");
      await chmod(join(hooks, name), 0o755);
    }
    await clone.git("config", scope, "core.hooksPath", hooks);
    const server = clone.git("config", "--get", "remote.origin.url");
    // A server that is a path obeys the user's global settings: there it is its own hooks that count.
    await sandbox.git(await server, "config", "core.hooksPath", join(await server, "hooks"));
    const { remote } = await exchange(clone);
    await remote.fetch();
  });

  test("the user's own hooks in .git/hooks are not run either", async () => {
    const sandbox = await testSandbox();
    const clone = await makeClone(sandbox, await pathServer(sandbox));
    await installHook({ path: join(clone.path, ".git") }, "pre-push", "exit 1");
    await installHook({ path: join(clone.path, ".git") }, "reference-transaction", "exit 1");
    await exchange(clone);
  });

  test("only what is written in the repository is carried, for git reads the rest by itself", () => {
    const entry = (scope: string, key: string) => ({ scope, key, value: "x" });
    const carried = carriedSettings([
      entry("global", "credential.helper"),
      entry("command", "credential.helper"),
      entry("local", "credential.helper"),
      entry("worktree", "http.https://host/.extraheader"),
      entry("local", "core.sshcommand"),
      entry("local", "core.worktree"),
      entry("local", "remote.origin.promisor"),
      entry("local", "url.git@host:.insteadof"),
      entry("local", "oauth.of-some-helper"),
      entry("local", "extensions.objectformat"),
      entry("local", "includeif.gitdir:x.path"),
    ]);
    expect(carried.map(({ key }) => key)).toEqual([
      "credential.helper",
      "http.https://host/.extraheader",
      "core.sshcommand",
      "url.git@host:.insteadof",
      "oauth.of-some-helper",
    ]);
  });
});

test("an address that a user's setting turns into a program is not run", async () => {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const clone = await makeClone(sandbox, { ...server, url: "safe:x" });
  const mark = join(sandbox.path, "it-ran");
  await clone.git("config", `url.ext::touch ${mark} .insteadOf`, "safe:x");
  await clone.git("config", "protocol.ext.allow", "always");
  const { remote } = await openClone(clone);
  expect((await remote.fetch()).kind).toBe("unreachable");
  await expect(sandbox.git(sandbox.path, "hash-object", mark)).rejects.toThrow();
});
