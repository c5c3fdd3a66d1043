import { describe, expect, test } from "vitest";
import { boardCommit } from "../support/board-commit.ts";
import { makeClone, openClone } from "../support/clone.ts";
import { type Fault, httpServer } from "../support/http-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";

async function scene() {
  const sandbox = await testSandbox();
  const server = await httpServer(sandbox);
  const clone = await openClone(await makeClone(sandbox, server), { patience: 0 });
  const commit = await boardCommit(clone.objects, null);
  const landed = () =>
    sandbox
      .git(server.path, "for-each-ref", "--format=%(objectname)")
      .then((refs) => refs.split("\n").includes(commit));
  return { sandbox, server, ...clone, commit, landed };
}

const ANSWERS: [string, Fault][] = [
  ["403", { kind: "answer", status: 403 }],
  ["401 without a password to offer", { kind: "answer", status: 401, headers: { "www-authenticate": "Basic" } }],
  ["429", { kind: "answer", status: 429, headers: { "retry-after": "60" } }],
  ["504", { kind: "answer", status: 504 }],
  ["a dropped connection", { kind: "drop_before" }],
];

describe("a push over http", () => {
  test.each(ANSWERS)("that gets %s when it asks what is there was not sent", async (_, fault) => {
    const { server, remote, commit, landed } = await scene();
    server.fail("ask_push", fault);
    expect((await remote.push(null, commit)).kind).toBe("unsent");
    expect(server.requests.push).toBe(0);
    expect(await landed()).toBe(false);
  });

  test.each(ANSWERS)("that gets %s as the answer to its commits is unknown", async (_, fault) => {
    const { server, remote, commit } = await scene();
    server.fail("push", fault);
    expect((await remote.push(null, commit)).kind).toBe("unknown");
    expect(server.requests.push).toBeGreaterThan(0);
  });

  test("whose answer is lost is unknown, though it has landed; the same push again says up to date", async () => {
    const { server, remote, commit, landed } = await scene();
    server.fail("push", { kind: "drop_after" });
    expect((await remote.push(null, commit)).kind).toBe("unknown");
    expect(await landed()).toBe(true);
    server.heal();
    expect(await remote.push(null, commit)).toEqual({ kind: "up_to_date" });
  });

  test("whose answer is held for ever ends in time, and is unknown", async () => {
    const { server, git, repository, objects, landed } = await scene();
    server.fail("push", { kind: "hold", when: "after", until: new Promise(() => {}) });
    const impatient = await openClone({ path: repository.toplevel ?? "", env: git.environment }, { timeout: 1000 });
    const commit = await boardCommit(objects, null);
    expect((await impatient.remote.push(null, commit)).kind).toBe("unknown");
    expect(await landed()).toBe(false);
  });
});
