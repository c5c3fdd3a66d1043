import { execFile } from "node:child_process";
import { constants, existsSync } from "node:fs";
import { chmod, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { discoverRepository } from "../../src/git/discover.ts";
import { gitEnvironment } from "../../src/git/environment.ts";
import { createGit, type GitCommand, type GitResult } from "../../src/git/run.ts";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, openClone } from "../support/clone.ts";
import { holdHook, processesOf, until } from "../support/file-signal.ts";
import { pathServer } from "../support/remote-server.ts";
import { sshServer } from "../support/ssh-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";

const plain = (...args: string[]): GitCommand<GitResult> => ({ args, parse: (result) => result });

describe("the environment of git", () => {
  test("has nothing of the repository that a hook runs in", () => {
    const hook = {
      GIT_DIR: "/elsewhere/.git",
      GIT_INDEX_FILE: "/elsewhere/index",
      GIT_WORK_TREE: "/elsewhere",
      GIT_OBJECT_DIRECTORY: "/elsewhere/objects",
      GIT_QUARANTINE_PATH: "/elsewhere/incoming",
      GIT_PUSH_OPTION_COUNT: "1",
      GIT_PUSH_OPTION_0: "x",
      GIT_AUTHOR_DATE: "2001-01-01",
      GIT_COMMITTER_NAME: "Somebody",
      GIT_CEILING_DIRECTORIES: "/",
      GIT_NAMESPACE: "n",
      GIT_TRACE2_PARENT_SID: "outer",
    };
    expect(Object.keys(gitEnvironment(hook)).filter((name) => name in hook)).toEqual([]);
  });

  test("has what credentials and transports need", () => {
    const transport = {
      PATH: "/bin",
      SSH_AUTH_SOCK: "/agent",
      GIT_SSH_COMMAND: "ssh -i key",
      GIT_ASKPASS: "askpass",
      GIT_SSL_CAINFO: "ca.pem",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "http.proxy",
      GIT_CONFIG_VALUE_0: "proxy",
      GIT_CONFIG_PARAMETERS: "'a.b=c'",
      GIT_TRACE: "1",
      GIT_TOKEN: "of a credential helper",
    };
    expect(gitEnvironment(transport)).toMatchObject(transport);
  });

  test("in a hook, the repository is still the one of the folder, and its index is untouched", async () => {
    const sandbox = await testSandbox();
    const server = await pathServer(sandbox);
    const other = await makeClone(sandbox, null);
    const clone = await makeClone(sandbox, server);
    const index = join(sandbox.path, "index-of-a-commit-in-progress");
    await writeFile(index, "not to be touched");
    const env = { ...clone.env, GIT_DIR: join(other.path, ".git"), GIT_WORK_TREE: other.path, GIT_INDEX_FILE: index };
    const { repository, remote, objects } = await openClone({ path: clone.path, env });
    expect(repository.toplevel).toBe(clone.path);
    expect((await remote.push(null, await boardCommit(objects, null))).kind).toBe("landed");
    expect(await readFile(index, "utf8")).toBe("not to be touched");
    expect(existsSync(join(other.path, ".git", "coord"))).toBe(false);
  });
});

describe("running git", () => {
  test("a failing command is a value with all that git said", async () => {
    const sandbox = await testSandbox();
    const git = createGit({ environment: sandbox.env });
    const result = await git.run(plain("rev-parse", "--git-dir"), { cwd: sandbox.path });
    expect(result).toMatchObject({ exitCode: 128, stdout: "", ended: "itself" });
    expect(result.stderr).toContain("not a git repository");
  });

  test("what git writes to standard error is there on success too", async () => {
    const sandbox = await testSandbox();
    const git = createGit({ environment: { ...sandbox.env, GIT_TRACE: "1" } });
    const result = await git.run(plain("--version"), { cwd: sandbox.path });
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("git version") });
    expect(result.stderr).toContain("trace:");
  });

  test("settings and variables by which git runs programs pass", async () => {
    const sandbox = await testSandbox();
    const env = {
      ...sandbox.env,
      EDITOR: "vi",
      PAGER: "less",
      GIT_SSH_COMMAND: "ssh",
      GIT_CONFIG_PARAMETERS: "'alias.x=y'",
    };
    const git = createGit({ environment: env });
    const args = [
      "-c",
      "core.hooksPath=/dev/null",
      "-c",
      "credential.helper=!false",
      "-c",
      "url.a.insteadOf=b",
      "--version",
    ];
    expect((await git.run(plain(...args), { cwd: sandbox.path })).exitCode).toBe(0);
  });

  test("without git, and without the folder, it says which of them is missing", async () => {
    const sandbox = await testSandbox();
    const nowhere = createGit({ environment: { PATH: sandbox.path } });
    await expect(nowhere.run(plain("--version"), { cwd: sandbox.path })).rejects.toMatchObject({ code: "git_missing" });
    const git = createGit({ environment: sandbox.env });
    const cwd = join(sandbox.path, "gone");
    for (const folder of [cwd, join(sandbox.path, "no\0name")])
      await expect(git.run(plain("--version"), { cwd: folder })).rejects.toMatchObject({ code: "no_such_directory" });
    await expect(discoverRepository(git, cwd)).rejects.toMatchObject({ code: "no_such_directory" });
  });

  test("a git that the system will not start is not a missing one", async () => {
    const sandbox = await testSandbox();
    const git = createGit({ environment: sandbox.env });
    const tooLong = git.run(plain("log", "x".repeat(1024 * 1024)), { cwd: sandbox.path });
    await expect(tooLong).rejects.toMatchObject({
      code: "git_failed",
      data: { words: expect.stringContaining("E2BIG") },
    });
  });

  test("a git too old to answer in absolute paths is refused", async () => {
    const sandbox = await testSandbox();
    const clone = await makeClone(sandbox, null);
    await writeFile(
      join(sandbox.path, "git"),
      "#!/bin/sh\necho --path-format=absolute; echo .git; echo .git; echo false\n",
    );
    await chmod(join(sandbox.path, "git"), 0o755);
    const git = createGit({ environment: { ...sandbox.env, PATH: sandbox.path } });
    await expect(discoverRepository(git, clone.path)).rejects.toMatchObject({ code: "unusable_repository" });
  });

  test("an abort ends git and what it started, whenever it comes", async () => {
    const sandbox = await testSandbox();
    const git = createGit({ environment: sandbox.env });
    // The file is named so that its readers can be found; it never ends.
    const fifo = join(sandbox.path, "fifo");
    await promisify(execFile)("mkfifo", [fifo]);
    // A writer that leaves again is the end of the file for whoever still reads.
    const write = () =>
      open(fifo, constants.O_WRONLY | constants.O_NONBLOCK).then(
        (file) => file.close(),
        () => {},
      );
    sandbox.defer(write);
    const wait = (signal: AbortSignal) =>
      git.run(plain("-c", `alias.wait=!cat '${fifo}'; true`, "wait"), { cwd: sandbox.path, signal });
    const readers = async () => (await processesOf(fifo)).filter((line) => line.startsWith("cat"));

    const stop = new AbortController();
    const running = wait(stop.signal);
    await until("the command to run", async () => (await readers()).length === 1);
    stop.abort();
    expect(await running).toMatchObject({ exitCode: null, ended: "aborted" });

    // From before git is started to after it has started others.
    for (let delay = 0; delay < 20; delay++) {
      const early = new AbortController();
      const barely = wait(early.signal);
      await (delay === 0 ? undefined : pause(delay));
      early.abort();
      expect((await barely).ended).toBe("aborted");
    }
    await until("all of them to end", async () => (await processesOf(fifo)).length === 0);
  });

  test("an abort of a push ends its ssh", async () => {
    const sandbox = await testSandbox();
    const server = await sshServer(sandbox);
    const { remote, objects } = await openClone(await makeClone(sandbox, server));
    const held = await holdHook(sandbox, server, "pre-receive");
    const stop = new AbortController();
    const pushed = remote.push(null, await boardCommit(objects, null), stop.signal);
    await held.reached();
    const ours = async () => (await processesOf(server.path)).filter((line) => line.startsWith("ssh "));
    expect(await ours()).toHaveLength(1);
    stop.abort();
    expect((await pushed).kind).toBe("unknown");
    await expect.poll(ours).toEqual([]);
  });

  test.each([
    ["that git starts", "git-receive-pack"],
    ["that we ask for", null],
  ])(
    "an abort of a push to a path lets the receiver %s finish: its lock would block everybody",
    async (_, receiver) => {
      const sandbox = await testSandbox();
      const server = await pathServer(sandbox);
      const clone = await makeClone(sandbox, server);
      if (receiver !== null) await clone.git("config", "remote.origin.receivepack", receiver);
      const { remote, objects } = await openClone(clone);
      const held = await holdHook(sandbox, server, "pre-receive");
      const stop = new AbortController();
      const pushed = remote.push(null, await boardCommit(objects, null), stop.signal);
      await held.reached();
      stop.abort();
      await pushed;
      const serving = (await processesOf(server.path)).filter((line) => /^git[ -].*receive-pack/.test(line));
      expect(serving).toHaveLength(1);
      await held.release();
    },
  );
});
