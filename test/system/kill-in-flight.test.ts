import { describe, expect, test } from "vitest";
import { httpServer } from "../support/http-server.ts";
import { pathServer, type RemoteServer } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { sshServer } from "../support/ssh-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { coordJson, start, type Window } from "./support/command.ts";
import { assemble } from "./support/fleet.ts";
import { freshHistory } from "./support/history.ts";
import { recordsIn } from "./support/queue.ts";
import { allow, PROVE } from "./support/scale.ts";
import { holdPush, until } from "./support/slow-push.ts";

/**
 * A victim and somebody else in one clone, and a task to claim. The other one holds the build lock, so that asking
 * for it again is a command that has nothing to write: what settles the victim's push is the settling alone.
 */
async function scene<S extends RemoteServer>(makeServer: (sandbox: Sandbox) => Promise<S>) {
  const sandbox = await testSandbox();
  const server = await makeServer(sandbox);
  const windows = await assemble(sandbox, server, { windows: 2, oneClone: true, tasks: 1 });
  const [victim, other] = windows as [Window, Window];
  const next = async () => {
    const end = await coordJson(sandbox, other, "lock", "build");
    expect({ exit: end.exit, changed: end.json.changed }, end.stdout).toEqual({ exit: 0, changed: false });
    expect(await recordsIn(victim.clone)).toEqual([]);
    return end.json.notices as string[];
  };
  expect((await coordJson(sandbox, other, "lock", "build")).exit).toBe(0);
  const claim = () => coordJson(sandbox, victim, "claim", "T001");
  const countOf = async (opId: string | undefined) => {
    const { links } = await freshHistory(sandbox, server);
    return links.filter((link) => link.opId === opId).length;
  };
  return { sandbox, server, victim, next, claim, countOf };
}

const isAtTip = async (sandbox: Sandbox, { path }: RemoteServer, opId: string | undefined) =>
  (await sandbox.git(path, "log", "-1", "--format=%B", "coordination")).includes(`Coord-Op-Id: ${opId}\n`);

// Over a path the server is a child of the client's git: there only the program itself is killed.
const REMOTES: [string, (sandbox: Sandbox) => Promise<RemoteServer>, boolean][] = [["a path", pathServer, false]];
if (PROVE) REMOTES.push(["ssh", sshServer, true], ["http", httpServer, true]);

describe.each(REMOTES)(
  "kill -9 while the server works on the push, over %s",
  { timeout: allow(1) },
  (_, makeServer, group) => {
    test("which is settled as never landed does not land when the server has finished", async () => {
      const { sandbox, server, victim, next, claim, countOf } = await scene(makeServer);
      const slow = await holdPush(sandbox, server);
      const killed = start(sandbox, victim, ["claim", "T001"], { group });
      await slow.arrived();
      killed.kill();
      expect((await killed.ended).signal).toBe("SIGKILL");
      const [opId] = await recordsIn(victim.clone);
      expect(opId).toBeDefined();

      expect(await next()).toEqual([expect.stringContaining("never landed, and cannot any more")]);

      await slow.finish();
      expect(await countOf(opId)).toBe(0);
      expect((await claim()).json).toMatchObject({ ok: true, changed: true });
      expect(await countOf(opId)).toBe(0);
    });

    test("which landed after all is settled as landed, and is not done twice", async () => {
      const { sandbox, server, victim, next, claim, countOf } = await scene(makeServer);
      const slow = await holdPush(sandbox, server);
      const killed = start(sandbox, victim, ["claim", "T001"], { group });
      await slow.arrived();
      killed.kill();
      await killed.ended;
      const [opId] = await recordsIn(victim.clone);
      await slow.finish();
      await until("the push to land", () => isAtTip(sandbox, server, opId));

      expect(await next()).toEqual([expect.stringContaining("has landed")]);
      expect((await claim()).json).toMatchObject({ ok: true, changed: false, task: { claimedBy: victim.id } });
      expect(await countOf(opId)).toBe(1);
    });
  },
);

describe("kill -9 over http", { timeout: allow(1) }, () => {
  test("after the push landed and before its answer: it is settled as landed", async () => {
    const { sandbox, server, victim, next, claim, countOf } = await scene(httpServer);
    server.fail("push", {
      kind: "hold",
      when: "after",
      until: new Promise((resolve) => sandbox.defer(() => resolve(null))),
    });
    const killed = start(sandbox, victim, ["claim", "T001"], { group: true });
    await until("a record of the push", async () => (await recordsIn(victim.clone)).length === 1);
    const [opId] = await recordsIn(victim.clone);
    await until("the push to land", () => isAtTip(sandbox, server, opId));
    killed.kill();
    await killed.ended;
    server.heal();

    expect(await next()).toEqual([expect.stringContaining("has landed")]);
    expect((await claim()).json).toMatchObject({ ok: true, changed: false });
    expect(await countOf(opId)).toBe(1);
  });

  test("between two attempts that a gateway answered with 504: it is settled as never landed", async () => {
    const { sandbox, server, victim, next, claim, countOf } = await scene(httpServer);
    server.fail("push", { kind: "answer", status: 504 });
    const before = server.requests.push;
    const killed = start(sandbox, victim, ["claim", "T001"], { group: true });
    await until("the second attempt", () => server.requests.push >= before + 2);
    killed.kill();
    await killed.ended;
    const [opId] = await recordsIn(victim.clone);
    expect(opId).toBeDefined();
    server.heal();

    expect(await next()).toEqual([expect.stringContaining("never landed, and cannot any more")]);
    expect((await claim()).json).toMatchObject({ ok: true, changed: true });
    expect(await countOf(opId)).toBe(0);
  });
});
