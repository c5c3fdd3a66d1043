import { existsSync, readlinkSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openBranch } from "../../src/git/open-branch.ts";
import { createGit } from "../../src/git/run.ts";
import { systemClock } from "../../src/git/system.ts";
import { add, claim, doctor, init, openCoordination, push } from "../../src/index.ts";
import { built } from "../cli/built.ts";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, type OpenClone, openClone } from "../support/clone.ts";
import { holdHook, until } from "../support/file-signal.ts";
import { connectionProcess, endConnection, sshServer } from "../support/ssh-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { start } from "../system/support/command.ts";

/** A clone of a server that is reached by the user's plain `ssh`, and what has come over which connection so far. */
async function scene(...settings: readonly string[]) {
  const sandbox = await testSandbox();
  const server = await sshServer(sandbox, ...settings);
  const clone = await makeClone(sandbox, server);
  const env = { ...sandbox.env, ...server.plainEnv };
  const open = () => openClone({ path: clone.path, env });
  const connections = () => new Set(server.exchanges()).size;
  const tip = () => sandbox.git(server.path, "rev-parse", "refs/heads/coordination");
  return { sandbox, server, clone, env, open, connections, tip };
}

async function pushFrom({ remote, objects }: OpenClone, signal?: AbortSignal) {
  const base = await remote.knownTip();
  const commit = await boardCommit(objects, base);
  return { commit, outcome: await remote.push(base, commit, signal) };
}

const LANDED = { kind: "landed" };

function only(sockets: readonly string[]): string {
  expect(sockets).toHaveLength(1);
  return sockets[0] as string;
}

describe("exchanges of one clone share a connection", () => {
  test("claims, a push of code, and what hooks ask", async () => {
    const { server, clone, env, open, connections } = await scene();
    const coordination = await openCoordination({ cwd: clone.path, env, as: "ana" });
    await init(coordination);
    const before = server.exchanges();
    for (const title of ["One", "Two"]) expect(await add(coordination, { title })).toMatchObject({ ok: true });
    for (let count = 0; count < 2; count += 1) expect(await claim(coordination)).toMatchObject({ ok: true });
    expect(await push(coordination, { remote: null, refspecs: [] })).toMatchObject({ ok: true });
    const { repository, folder, endpoint, branch } = await open();
    const { remote } = openBranch({
      git: createGit({ environment: env }),
      repository,
      folder,
      endpoint,
      branch,
      clock: systemClock,
    });
    expect(await remote.fetch()).toMatchObject({ kind: "tip" });

    const since = server.exchanges().slice(before.length);
    expect(since).toHaveLength(6);
    expect(connections() - new Set(before).size).toBeLessThanOrEqual(1);
    expect(new Set(since).size).toBe(1);
    const { checks } = await doctor(coordination);
    expect(checks.find(({ name }) => name === "ssh")).toMatchObject({ message: expect.stringContaining("share") });
    // Whoever waits for the end of git's output must not wait for the connection's. Only /proc tells.
    const files = `/proc/${await connectionProcess(only(server.sockets()))}/fd`;
    if (existsSync(files))
      expect([0, 1, 2].map((fd) => readlinkSync(`${files}/${fd}`))).toEqual(Array(3).fill("/dev/null"));
  });

  test("processes that begin at the same moment, of which one opens it for those after them", async () => {
    const { open, server, connections } = await scene();
    const [first, ...others] = await Promise.all([0, 1, 2, 3].map(() => open()));
    if (!first) throw new Error("unreachable");
    expect((await pushFrom(first)).outcome).toEqual(LANDED);
    await endConnection(only(server.sockets()));
    await until("the connection to end", () => server.sockets().length === 0);

    const all = await Promise.all([first, ...others].map(({ remote }) => remote.fetch()));
    expect(all.map(({ kind }) => kind)).toEqual(Array(4).fill("tip"));
    const soFar = connections();
    await first.remote.fetch();
    await first.remote.fetch();
    expect(connections()).toBe(soFar);
    only(server.sockets());
  });

  test("which outlives the process group that opened it", async () => {
    await built();
    const { sandbox, server, clone, env, open, connections } = await scene();
    const held = await holdHook(sandbox, server, "pre-receive");
    const first = start(sandbox, { clone: { path: clone.path, env }, id: "ana" }, ["init"], { group: true });
    await held.reached();
    const soFar = connections();
    first.kill();
    await first.ended;
    expect((await (await open()).remote.fetch()).kind).toBe("absent");
    // The fetch came over the same connection as the push. It found no branch, which git takes for a failure, and so
    // the question whether there is one came over another.
    const [pushed, fetched] = server.exchanges().slice(-3);
    expect(fetched).toBe(pushed);
    expect(connections()).toBe(soFar + 1);
  });
});

test("with coord.sshSharing off, or a command of the user's own, each exchange has a connection of its own", async () => {
  const { sandbox, server, clone, env, open, connections } = await scene();
  await clone.git("config", "coord.sshSharing", "false");
  const off = await open();
  await clone.git("config", "--unset", "coord.sshSharing");
  // Their ssh knows the server only by the user's own command.
  const { PATH = "" } = sandbox.env;
  const byVariable = await openClone({ path: clone.path, env: { ...env, PATH, ...server.env } });
  await clone.git("config", "core.sshCommand", server.env.GIT_SSH_COMMAND ?? "");
  const bySetting = await openClone({ path: clone.path, env: { ...env, PATH } });
  for (const [index, each] of [off, byVariable, bySetting].entries()) {
    for (let count = 1; count <= 2; count += 1) {
      expect((await pushFrom(each)).outcome).toEqual(LANDED);
      expect(connections()).toBe(2 * index + count);
    }
  }
  expect(server.sockets()).toEqual([]);
});

test("a user's own rules for the host are kept to", async () => {
  const { sandbox, server, open, connections } = await scene();
  const own = join(server.plainEnv.XDG_RUNTIME_DIR ?? "", "own");
  await server.configure(`ControlMaster auto\nControlPath ${own}\nControlPersist yes`);
  sandbox.defer(() => endConnection(own));
  const opened = await open();
  await pushFrom(opened);
  await pushFrom(opened);
  expect(connections()).toBe(1);
  expect(await connectionProcess(own)).toBeGreaterThan(0);
  expect(server.sockets()).toEqual([]);
});

describe("a shared connection that is of no use", () => {
  test("because its process was killed: the next push opens another, and an unreachable remote is unsent", async () => {
    const { server, open, connections, tip } = await scene();
    const opened = await open();
    await pushFrom(opened);
    const socket = only(server.sockets());
    process.kill(await connectionProcess(socket), "SIGKILL");
    const { commit, outcome } = await pushFrom(opened);
    expect(outcome).toEqual(LANDED);
    expect(await tip()).toBe(commit);
    expect(connections()).toBe(2);

    await server.stop();
    process.kill(await connectionProcess(only(server.sockets())), "SIGKILL");
    expect((await pushFrom(opened)).outcome.kind).toBe("unsent");
    expect(server.sockets()).toEqual([]);
  });

  test("because its process hangs: the push is unknown, and nobody is kept waiting again", async () => {
    const { server, open, connections } = await scene();
    const opened = await open();
    const { commit: base } = await pushFrom(opened);
    const hanging = await connectionProcess(only(server.sockets()));
    process.kill(hanging, "SIGSTOP");
    try {
      const commit = await boardCommit(opened.objects, base);
      expect((await opened.remote.push(base, commit, AbortSignal.timeout(300))).kind).toBe("unknown");
      expect(server.sockets()).toEqual([]);
      expect((await pushFrom(opened)).outcome).toEqual(LANDED);
      // Alone at first, and sharing again with the next.
      expect(connections()).toBe(2);
      const other = await open();
      for (let count = 0; count < 2; count += 1) expect((await pushFrom(other)).outcome).toEqual(LANDED);
      expect(connections()).toBe(3);
    } finally {
      process.kill(hanging, "SIGKILL");
    }
  });

  test("because the repository is not there: nothing was sent, and the connection is not kept", async () => {
    const { server, open } = await scene();
    const opened = await open();
    await pushFrom(opened);
    await rename(server.path, `${server.path}.away`);
    expect((await pushFrom(opened)).outcome.kind).toBe("unsent");
    expect(server.sockets()).toEqual([]);
    await rename(`${server.path}.away`, server.path);
    expect((await pushFrom(opened)).outcome).toEqual(LANDED);
  });

  test("because the server allows it no more exchanges: others connect for themselves, and disturb nobody", async () => {
    const { sandbox, server, clone, env, open, connections, tip } = await scene("MaxSessions 1");
    const opened = await open();
    const { commit: base } = await pushFrom(opened);
    const held = await holdHook(sandbox, server, "pre-receive");
    const pushing = pushFrom(opened);
    await held.reached();
    expect(connections()).toBe(1);
    expect(await (await open()).remote.fetch()).toEqual({ kind: "tip", tip: base });
    expect(connections()).toBe(2);

    const failing = await openClone({ path: clone.path, env }, { branch: "nobody-made-it" });
    expect(await failing.remote.fetch()).toEqual({ kind: "absent" });
    expect(server.sockets()).toEqual([]);
    await held.release();
    const { commit, outcome } = await pushing;
    expect(outcome).toEqual(LANDED);
    expect(await tip()).toBe(commit);
  });

  test("because whoever pushed over it was stopped: that push is unknown, and may still land", async () => {
    const { sandbox, server, open, tip } = await scene();
    const opened = await open();
    const { commit: base } = await pushFrom(opened);
    const held = await holdHook(sandbox, server, "pre-receive");
    const stop = new AbortController();
    const stopped = pushFrom(opened, stop.signal);
    await held.reached();
    stop.abort();
    const { commit, outcome } = await stopped;
    expect(outcome.kind).toBe("unknown");
    expect(server.sockets()).toEqual([]);
    expect(await opened.remote.fetch()).toEqual({ kind: "tip", tip: base });
    await held.release();
    await until("the push to land after all", async () => (await tip()) === commit);
  });
});
