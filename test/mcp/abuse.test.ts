import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { built, PROGRAM } from "../cli/built.ts";
import { team } from "../cli/window.ts";
import { boardSeen } from "../support/board-seen.ts";
import { processesOf, until } from "../support/file-signal.ts";
import { prepareProgram } from "../support/program.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { connect } from "./client.ts";

async function connected() {
  const { here, sandbox, server } = await team();
  return { here, sandbox, server, one: await connect(sandbox, { env: here.env, args: ["-C", here.path] }) };
}

describe("the server lives", () => {
  test("through 1,000 calls at once, right and wrong ones, and answers each", async () => {
    const { one, server, sandbox } = await connected();
    const kinds = [
      () => one.call("coord_status"),
      () => one.call("acquire_locks", { locks: ["build"] }),
      () => one.call("acquire_locks", { locks: ["build"], bogus: true }),
      () => one.call("claim_task", { task: 7 }),
      () => one.call("history", { limit: 3 }),
      () => one.call("complete_task", { task: "T999" }),
      () => one.call("release_locks", { files: ["../../etc/passwd"] }),
      () => one.call("add_task", {}),
      () => one.call("acquire_locks", { ttl: "10abc", locks: ["x"] }),
      () => one.call("coord_status", { limit: 0 }),
    ];
    // After the first hundred only such as are wrong in themselves: for others the server asks the remote, which is slow.
    const wrong = [2, 3, 6, 7, 8, 9];
    const asked = Array.from({ length: 1000 }, (_, index) =>
      index < 100 ? index % kinds.length : (wrong[index % wrong.length] ?? 0),
    );
    const results = await Promise.all(asked.map((kind) => kinds[kind]?.()));
    const at = (kind: number) => results.filter((_, index) => asked[index] === kind);
    const fields = (kind: number, ...names: string[]) =>
      new Set(at(kind).map((each) => JSON.stringify(names.map((name) => each?.[name]))));
    expect(fields(0, "ok", "isError")).toEqual(new Set(["[true,false]"]));
    expect(fields(1, "ok", "isError").size).toBe(1);
    expect(at(1).at(-1)).toMatchObject({ ok: true, leases: [{ resource: "lock:build" }] });
    expect(at(2)[0]).toMatchObject({ isError: true, text: expect.stringContaining('"bogus"') });
    expect(at(3)[0]).toMatchObject({ isError: true, text: expect.stringContaining("task") });
    expect(at(4).at(-1)).toMatchObject({ ok: true });
    expect(at(5)[0]).toMatchObject({ ok: false, code: "not_found", isError: false });
    expect(at(6)[0]).toMatchObject({
      ok: false,
      code: "usage",
      isError: true,
      message: expect.stringContaining("out of the repository"),
    });
    expect(at(7)[0]).toMatchObject({ isError: true, text: expect.stringContaining("title") });
    expect(at(8)[0]).toMatchObject({ ok: false, code: "usage", message: expect.stringContaining("10abc") });
    expect(at(9)[0]).toMatchObject({ isError: true, text: expect.stringContaining("limit") });
    expect(results).toHaveLength(1000);
    // One join and one lock: what was so already took no commit.
    expect(await sandbox.git(server.path, "rev-list", "--count", "coordination")).toBe("3");
    expect(one.stderr()).toBe("");
  });

  test("and refuses in words what is too much, or of the wrong kind", async () => {
    const { one } = await connected();
    for (const [what, name, args, words] of [
      ["a text of 10 MiB", "add_task", { title: "x".repeat(10 * 1024 * 1024) }, /title: at most 10000 characters/],
      ["a path of 10 MiB", "acquire_locks", { files: ["x".repeat(10 * 1024 * 1024)] }, /at most 5000 characters/],
      ["a million names", "acquire_locks", { locks: Array.from({ length: 1_000_000 }, () => "a") }, /at most 200/],
      ["a task that is a number", "claim_task", { task: 3 }, /task: .*expected string/],
      ["names that are one text", "claim_task", { files: "src/" }, /files: .*expected array/],
      ["a null", "claim_task", { task: null }, /task: .*expected string/],
      ["keys that nobody knows", "renew_leases", { force: true, constructor: 1 }, /"force"/],
    ] as const) {
      const refused = await one.call(name, args);
      expect(refused, what).toMatchObject({ isError: true, text: expect.stringMatching(words) });
      expect(refused.text.length, what).toBeLessThan(1000);
      expect(await one.call("coord_status"), `after ${what}`).toMatchObject({ ok: true });
    }
  });

  test("and refuses arrays in each other 100,000 deep, tools that there are not, and lines that are no message", async () => {
    const { here, sandbox } = await team();
    const raw = await rawServer(sandbox, here.path, here.env);
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    raw.send(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"claim_task","arguments":{"files":${deep}}}}`,
    );
    expect(await raw.answer(1)).toMatchObject({ result: { isError: true } });
    raw.send("this is no JSON");
    raw.send('{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"__proto__","arguments":{}}}');
    expect(await raw.answer(2)).toMatchObject({ error: { code: -32602 } });
    raw.send(
      '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"coord_status","arguments":{"__proto__":{"limit":1}}}}',
    );
    expect(await raw.answer(3)).toMatchObject({ id: 3 });
    raw.send('{"jsonrpc":"2.0","id":4,"method":"no/such","params":{}}');
    expect(await raw.answer(4)).toMatchObject({ error: { code: -32601 } });
    raw.send('{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"coord_status","arguments":{}}}');
    expect(await raw.answer(5)).toMatchObject({ result: { structuredContent: { ok: true } } });
    const { exit, lines } = await raw.end();
    expect(exit).toBe(0);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  });
});

describe("when the client goes away", () => {
  test("killed in the middle of its calls, its leases are gone, and so is the server", async () => {
    const { here, ana, sandbox, server } = await team();
    await built();
    const start = await prepareProgram(sandbox, new URL("./programs/client.ts", import.meta.url));
    const doomed = start(here.env, PROGRAM, here.path);
    await doomed.line("held");
    expect(await ana.json("lock", "build")).toMatchObject({ code: "held" });
    doomed.process.kill("SIGKILL");
    await until("the leases to be gone", async () => (await boardSeen(server)).leases.length === 0);
    expect(await ana.json("lock", "build")).toMatchObject({ ok: true });
    await until("the server to end", async () => (await processesOf(`mcp -C ${here.path}`)).length === 0);
    expect((await boardSeen(server)).orchestrators).toMatchObject([{ id: "ana" }]);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "or the server is told to end with %s, everything is given back",
    async (signal) => {
      const { server, one } = await connected();
      await one.call("acquire_locks", { locks: ["build"] });
      process.kill(one.pid, signal);
      await until("the leases to be gone", async () => (await boardSeen(server)).orchestrators.length === 0);
    },
  );
});

/** A server spoken to line by line, after the handshake. */
async function rawServer(sandbox: Sandbox, folder: string, env: Readonly<Record<string, string>>) {
  await built();
  const child = spawn(process.execPath, [PROGRAM, "mcp", "-C", folder], { env, stdio: ["pipe", "pipe", "ignore"] });
  sandbox.defer(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const answerTo = (id: number) => lines.map((line) => JSON.parse(line)).find((message) => message.id === id);
  const send = (line: string) => child.stdin.write(`${line}\n`);
  const answer = async (id: number) => {
    await until(`an answer to ${id}`, () => answerTo(id) !== undefined);
    return answerTo(id);
  };
  const about = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } };
  send(JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params: about }));
  await answer(0);
  send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  const end = async () => {
    child.stdin.end();
    await once(child, "close");
    return { exit: child.exitCode, lines };
  };
  return { send, answer, end };
}
