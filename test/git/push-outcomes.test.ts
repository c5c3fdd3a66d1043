import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
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

/** A server whose branch has one commit, and two clones that have seen it: over its path, which is quick. */
async function scene(makeServer: MakeServer) {
  const sandbox = await testSandbox();
  const server = await makeServer(sandbox);
  const byPath = { ...server, url: server.path };
  const clones = [await makeClone(sandbox, byPath), await makeClone(sandbox, byPath)];
  const [first] = await Promise.all(clones.map((clone) => openClone(clone)));
  const base = await boardCommit((first as OpenClone).objects, null);
  expect(await first?.remote.push(null, base)).toEqual({ kind: "landed" });
  const [here, there] = await Promise.all(
    clones.map(async (clone) => {
      await (await openClone(clone)).remote.fetch();
      await clone.git("remote", "set-url", "origin", server.url);
      return openClone(clone);
    }),
  );
  if (!here || !there) throw new Error("unreachable");
  const tip = async () => (await readFile(join(server.path, "refs/heads/coordination"), "utf8")).trim();
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

  test("that the server does not take is refused or not sent, with words; the tip stays, and no ref has the commit", async () => {
    const { sandbox, server, here, base, tip, push } = await scene(makeServer);
    const hook = join(server.path, "hooks/pre-receive");
    const config = (value: string) => sandbox.git(server.path, "config", "receive.advertiseAtomic", value);
    const away = `${server.path}.away`;
    for (const { what, spoil, mend, expected } of [
      {
        what: "a hook refuses it",
        spoil: () => refusePushes(server, "GH006: Protected branch update failed"),
        mend: () => rm(hook),
        expected: { kind: "remote_rejected", words: expect.stringContaining("GH006: Protected branch update failed") },
      },
      {
        what: "it meets a left-over lock",
        spoil: () => leaveLock(server, "coordination"),
        mend: () => rm(join(server.path, "refs/heads/coordination.lock")),
        expected: { kind: "remote_rejected", words: expect.stringContaining("coordination.lock") },
      },
      {
        what: "the server cannot do it atomically",
        spoil: () => config("false"),
        mend: () => config("true"),
        expected: { kind: "unsent", words: expect.stringContaining("--atomic") },
      },
      {
        what: "the repository is not there",
        spoil: () => rename(server.path, away),
        mend: () => rename(away, server.path),
        expected: { kind: "unsent" },
      },
      {
        // The parent of the hook is git-receive-pack.
        what: "the server dies while it works",
        spoil: () => installHook(server, "pre-receive", "kill -9 $PPID"),
        mend: () => rm(hook),
        expected: { kind: "unknown" },
      },
    ]) {
      await spoil();
      const { commit, outcome } = await push(here);
      expect(outcome, what).toMatchObject(expected);
      await mend();
      expect(await tip(), what).toBe(base);
      expect(await sandbox.git(here.folder.repository, "for-each-ref", "--contains", commit), what).toBe("");
    }
    expect((await push(here)).outcome).toEqual({ kind: "landed" });
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
});
