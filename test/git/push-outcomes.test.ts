import { rename } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, type OpenClone, openClone } from "../support/clone.ts";
import { holdHook, until } from "../support/file-signal.ts";
import { httpServer } from "../support/http-server.ts";
import { installHook, leaveLock, pathServer, type RemoteServer, refusePushes } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { sshServer } from "../support/ssh-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";

type MakeServer = (sandbox: Sandbox) => Promise<RemoteServer>;

/** A server whose branch has one commit, and two clones that have seen it. */
async function scene(makeServer: MakeServer) {
  const sandbox = await testSandbox();
  const server = await makeServer(sandbox);
  const [here, there] = await Promise.all([0, 1].map(async () => openClone(await makeClone(sandbox, server))));
  if (!here || !there) throw new Error("unreachable");
  const base = await boardCommit(here.objects, null);
  expect(await here.remote.push(null, base)).toEqual({ kind: "landed" });
  await Promise.all([here.remote.fetch(), there.remote.fetch()]);
  const tip = () => sandbox.git(server.path, "rev-parse", "refs/heads/coordination");
  const push = async (side: OpenClone, signal?: AbortSignal) => {
    const commit = await boardCommit(side.objects, base);
    return { commit, outcome: await side.remote.push(base, commit, signal) };
  };
  return { sandbox, server, here, there, base, tip, push };
}

describe.each([
  ["a path", pathServer],
  ["ssh", sshServer],
  ["http", httpServer],
] as const)("a push over %s", (_, makeServer) => {
  test("of the same bytes from two clones says up to date to the second", async () => {
    const { here, there, base } = await scene(makeServer);
    const twin = { files: new Map([["master_coordination.md", "twins\n"]]), message: "twins\n" };
    const [mine, theirs] = await Promise.all([here, there].map((side) => boardCommit(side.objects, base, twin)));
    expect(mine).toBe(theirs);
    expect(await here.remote.push(base, mine ?? "")).toEqual({ kind: "landed" });
    expect(await there.remote.push(base, theirs ?? "")).toEqual({ kind: "up_to_date" });
  });

  test("that a hook refuses is refused with the hook's words, and the tip does not move", async () => {
    const { server, here, base, tip, push } = await scene(makeServer);
    await refusePushes(server, "GH006: Protected branch update failed");
    const { outcome } = await push(here);
    expect(outcome).toMatchObject({ kind: "remote_rejected" });
    expect(outcome).toHaveProperty("words", expect.stringContaining("GH006: Protected branch update failed"));
    expect(await tip()).toBe(base);
  });

  test("that meets a left-over lock is refused, and the words name the file", async () => {
    const { server, here, base, tip, push } = await scene(makeServer);
    await leaveLock(server, "coordination");
    const { outcome } = await push(here);
    expect(outcome).toMatchObject({ kind: "remote_rejected", words: expect.stringContaining("coordination.lock") });
    expect(await tip()).toBe(base);
  });

  test("that is overtaken inside the server is refused there, and the tip has moved", async () => {
    const { sandbox, server, here, there, tip, push } = await scene(makeServer);
    const held = await holdHook(sandbox, server, "pre-receive");
    const slow = push(here);
    await held.reached();
    const { commit, outcome } = await push(there);
    expect(outcome).toEqual({ kind: "landed" });
    await held.release();
    expect((await slow).outcome.kind).toBe("remote_rejected");
    expect(await tip()).toBe(commit);
  });

  test("to a server that cannot do it atomically is not sent", async () => {
    const { sandbox, server, here, base, tip, push } = await scene(makeServer);
    await sandbox.git(server.path, "config", "receive.advertiseAtomic", "false");
    const { outcome } = await push(here);
    expect(outcome).toMatchObject({ kind: "unsent", words: expect.stringContaining("--atomic") });
    expect(await tip()).toBe(base);
  });

  test("to a repository that is not there is not sent", async () => {
    const { server, here, push } = await scene(makeServer);
    await rename(server.path, `${server.path}.away`);
    expect((await push(here)).outcome.kind).toBe("unsent");
  });

  test("that is killed while the server works may still land, and is unknown", async () => {
    const { sandbox, server, here, base, tip, push } = await scene(makeServer);
    const held = await holdHook(sandbox, server, "pre-receive");
    const stop = new AbortController();
    const killed = push(here, stop.signal);
    await held.reached();
    stop.abort();
    const { commit, outcome } = await killed;
    expect(outcome.kind).toBe("unknown");
    expect(await tip()).toBe(base);
    await held.release();
    await until("the push to land after all", async () => (await tip()) === commit);
    expect(await here.remote.fetch()).toEqual({ kind: "tip", tip: commit });
  });

  test("that takes too long is unknown", async () => {
    const { sandbox, server, here, base } = await scene(makeServer);
    const held = await holdHook(sandbox, server, "pre-receive");
    const impatient = await openClone(
      { path: here.repository.toplevel ?? "", env: here.git.environment },
      { timeout: 300 },
    );
    const commit = await boardCommit(here.objects, base);
    expect((await impatient.remote.push(base, commit)).kind).toBe("unknown");
    await held.release();
  });

  test("whose server dies while it works is unknown", async () => {
    const { server, here, push } = await scene(makeServer);
    // The parent of the hook is git-receive-pack.
    await installHook(server, "pre-receive", "kill -9 $PPID");
    expect((await push(here)).outcome.kind).toBe("unknown");
  });

  test("leaves nothing on any ref of the clone", async () => {
    const { sandbox, server, here, push } = await scene(makeServer);
    await refusePushes(server, "no");
    const { commit } = await push(here);
    const refs = await sandbox.git(here.folder.repository, "for-each-ref", "--contains", commit);
    expect(refs).toBe("");
  });
});
