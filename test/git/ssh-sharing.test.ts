import { chmod, mkdir, readdir, rmdir, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { Config } from "../../src/git/config.ts";
import type { Endpoint } from "../../src/git/endpoint.ts";
import { ensurePrivate, takesSockets } from "../../src/git/socket-folder.ts";
import { parseSshAddress, sshTargetOf } from "../../src/git/ssh-address.ts";
import { inspectSsh } from "../../src/git/ssh-finding.ts";
import { foldersForSockets, readSshSettings, type Surroundings, wishToShare } from "../../src/git/ssh-sharing.ts";
import { testSandbox } from "../support/test-sandbox.ts";

const endpoint = (url: string, pushUrl: string | null = null): Endpoint => ({
  kind: "configured",
  name: "origin",
  key: "origin",
  url: pushUrl ?? url,
  pushUrl,
  settings: [],
});

const config = (settings: Readonly<Record<string, string>> = {}) =>
  new Config(Object.entries(settings).map(([key, value]) => ({ scope: "local", key, value })));

describe("whom git tells ssh to connect to", () => {
  test.each([
    ["ssh://host/a.git", "host", null],
    ["ssh://git@host:2222/a.git", "git@host", "2222"],
    ["git+ssh://host/a", "host", null],
    ["ssh://git@[::1]:22/a", "git@::1", "22"],
    ["git@host:a/b.git", "git@host", null],
    ["host:a", "host", null],
    ["[2001:db8::1]:a", "2001:db8::1", null],
  ])("%s", (address, destination, port) => {
    expect(parseSshAddress(address)).toEqual({ destination, port });
  });

  test.each([
    "https://host/a.git",
    "file:///a",
    "/a/b:c",
    "./a:b",
    "../a",
    "ssh://-oProxyCommand=x/a",
    "-oProxyCommand=x@host:a",
    "ssh://host%20/a",
    "ssh://host",
  ])("nobody, or nobody that we know: %s", (address) => {
    expect(parseSshAddress(address)).toBeNull();
  });

  test.each([
    [endpoint("git@host:a"), {}, { destination: "git@host", port: null }],
    [endpoint("https://host/a"), {}, "none"],
    [
      endpoint("https://host/a"),
      { "url.git@host:.insteadof": "https://host/" },
      { destination: "git@host", port: null },
    ],
    [
      endpoint("https://host/a/b"),
      { "url.git@host:.insteadof": "https://host/", "url.https://mirror/.insteadof": "https://host/a/" },
      "none",
    ],
    [
      endpoint("https://host/a"),
      { "url.git@host:.pushinsteadof": "https://host/" },
      { destination: "git@host", port: null },
    ],
    [endpoint("read:a"), { "url.write:.pushinsteadof": "read:" }, "several"],
    [endpoint("ssh://host/a"), { "url.ssh://host:22/.pushinsteadof": "ssh://host/" }, "several"],
    [endpoint("read:a", "write:a"), { "url.other:.pushinsteadof": "write:" }, { destination: "write", port: null }],
  ] as const)("%j with %j", (remote, settings, target) => {
    expect(sshTargetOf(remote, config(settings))).toEqual(target);
  });
});

describe("may a connection be shared?", () => {
  const surroundings: Surroundings = {
    endpoint: endpoint("git@host:a"),
    config: config(),
    commonDir: "/work/.git",
    environment: {},
    platform: "linux",
  };
  const key = (changed: Partial<Surroundings>) => {
    const wish = wishToShare({ ...surroundings, ...changed });
    return wish.kind === "share" ? wish.key : null;
  };

  test.each([
    [{}, "share"],
    [{ config: config({ "coord.sshsharing": "yes" }) }, "share"],
    [{ config: config({ "coord.sshsharing": "false" }) }, "off"],
    [{ config: config({ "coord.sshsharing": "0" }) }, "off"],
    [{ config: config({ "coord.sshsharing": "sometimes" }) }, "bad_setting"],
    [{ config: config({ "core.sshcommand": "ssh -i key" }) }, "own_command"],
    [{ config: config({ "ssh.variant": "plink" }) }, "own_command"],
    [{ config: config({ "ssh.variant": "ssh" }) }, "share"],
    [{ environment: { GIT_SSH_COMMAND: "ssh -i key" } }, "own_command"],
    [{ environment: { GIT_SSH: "/usr/bin/ssh" } }, "own_command"],
    [{ environment: { GIT_SSH_VARIANT: "tortoiseplink" } }, "own_command"],
    [{ endpoint: endpoint("/srv/a.git") }, "not_ssh"],
    [{ endpoint: endpoint("https://host/a") }, "not_ssh"],
    [{ config: config({ "url.write:.pushinsteadof": "git@host:" }) }, "two_hosts"],
    [{ platform: "win32" }, "windows"],
  ] as const)("with %j: %s", (changed, expected) => {
    const wish = wishToShare({ ...surroundings, ...changed });
    expect(wish.kind === "share" ? "share" : wish.why).toBe(expected);
  });

  test("the same place is known by the same key, another clone, alias, port or agent by another", () => {
    const keys = [
      {},
      { commonDir: "/other/.git" },
      { endpoint: endpoint("git@alias:a") },
      { endpoint: endpoint("ssh://git@host:22/a") },
      { environment: { SSH_AUTH_SOCK: "/tmp/agent" } },
    ].map(key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(key({ endpoint: endpoint("git@host:another/path") })).toBe(key({}));
  });

  test.each([
    ["controlmaster false\ncontrolpersist no\n", null],
    ["controlmaster no\n", null],
    ["controlmaster auto\ncontrolpath /x\n", "own_rules"],
    ["controlmaster auto\n", "own_rules"],
    ["controlmaster false\ncontrolpath /x\n", "own_rules"],
    ["", "not_openssh"],
    ["some other program\n", "not_openssh"],
  ])("when ssh -G says %j: %s", (text, expected) => {
    expect(readSshSettings(text)).toBe(expected);
  });

  test("doctor has something to say about each reason", () => {
    expect(inspectSsh({ kind: "shared", socket: "x" })).toMatchObject({ status: "ok" });
    expect(inspectSsh({ kind: "apart", why: "not_ssh" })).toBeNull();
    expect(inspectSsh({ kind: "apart", why: "bad_setting" })).toMatchObject({ status: "warn" });
    for (const why of ["off", "own_command", "windows", "two_hosts", "no_folder", "not_openssh", "own_rules"] as const)
      expect(inspectSsh({ kind: "apart", why })).toMatchObject({ name: "ssh", status: "ok", hint: null });
  });
});

describe("where the socket is", () => {
  const long = `/${"x".repeat(60)}`;
  test.each([
    [{ XDG_RUNTIME_DIR: "/run/user/7" }, "linux", ["/run/user/7/git-coord", "/tmp/git-coord-7"]],
    [{ TMPDIR: "/var/tmp/" }, "linux", ["/var/tmp/git-coord-7", "/tmp/git-coord-7"]],
    [{}, "darwin", ["/tmp/git-coord-7"]],
    [{ XDG_RUNTIME_DIR: long, TMPDIR: long }, "linux", ["/tmp/git-coord-7"]],
    [{ XDG_RUNTIME_DIR: "relative", TMPDIR: "/with space" }, "linux", ["/tmp/git-coord-7"]],
    [{ XDG_RUNTIME_DIR: "/%d", TMPDIR: "/$HOME" }, "linux", ["/tmp/git-coord-7"]],
    // With a socket's name in it, 107 bytes are the most on Linux and 103 elsewhere.
    [{ XDG_RUNTIME_DIR: `/${"x".repeat(27)}` }, "linux", [`/${"x".repeat(27)}/git-coord`, "/tmp/git-coord-7"]],
    [{ XDG_RUNTIME_DIR: `/${"x".repeat(28)}` }, "linux", ["/tmp/git-coord-7"]],
    [{ XDG_RUNTIME_DIR: `/${"x".repeat(24)}` }, "darwin", ["/tmp/git-coord-7"]],
  ] as const)("%j on %s", (environment, platform, folders) => {
    expect(foldersForSockets(environment, 7, platform)).toEqual(folders);
  });

  const uid = process.getuid?.() ?? 0;

  test("a folder of our own, which others cannot enter, and which takes sockets", async () => {
    const { path } = await testSandbox();
    const folder = join(path, "ours");
    expect(ensurePrivate(folder, uid)).toBe(true);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(ensurePrivate(folder, uid)).toBe(true);
    expect(await takesSockets(folder)).toBe(true);
    expect(await readdir(folder)).toEqual([]);
    expect(await takesSockets(join(path, "nowhere"))).toBe(false);
  });

  test.each([
    [
      "one that others can enter",
      async (folder: string) => {
        await mkdir(folder);
        await chmod(folder, 0o750);
      },
    ],
    [
      "a link that somebody put there",
      async (folder: string) => {
        await mkdir(`${folder}-of-another`, { mode: 0o700 });
        await symlink(`${folder}-of-another`, folder);
      },
    ],
    ["a file", async (folder: string) => writeFile(folder, "", { mode: 0o600 })],
    ["one in whose place others can put another", async (folder: string) => chmod(dirname(folder), 0o777)],
    ["one that cannot be made", async (folder: string) => rmdir(dirname(folder))],
  ])("not %s", async (_, prepare) => {
    const sandbox = await testSandbox();
    const place = join(sandbox.path, "place");
    await mkdir(place);
    await prepare(join(place, "folder"));
    expect(ensurePrivate(join(place, "folder"), uid)).toBe(false);
  });

  test("not one of another user", async () => {
    const { path } = await testSandbox();
    expect(ensurePrivate(join(path, "ours"), uid)).toBe(true);
    expect(ensurePrivate(join(path, "ours"), uid + 1)).toBe(false);
  });
});
