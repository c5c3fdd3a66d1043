import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { nameOfOwner, ownerNamed, thisProcess } from "../../src/git/process-owner.ts";
import { TraceFiles } from "../../src/git/trace-file.ts";
import { makeClone } from "../support/clone.ts";
import { httpServer } from "../support/http-server.ts";
import { prepareProgram } from "../support/program.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await testSandbox();
});

test("a process that is killed while it pushes leaves nothing outside the clone, and in it nothing that lasts", async () => {
  const server = await httpServer(sandbox);
  const { path, env } = await makeClone(sandbox, server);
  const temporary = join(sandbox.path, "temporary");
  await mkdir(temporary);
  const start = await prepareProgram(sandbox, new URL("../support/programs/pusher.ts", import.meta.url));
  const push = () => start({ ...env, TMPDIR: temporary }, path);
  const traces = () => readdir(join(path, ".git", "coord", "traces"));

  server.fail("push", { kind: "hold", when: "before", until: new Promise(() => {}) });
  const killed = push();
  await expect.poll(() => server.requests.push, { timeout: 30_000 }).toBe(1);
  const [left = "", ...others] = await traces();
  expect({ owner: ownerNamed(left), others }).toMatchObject({ owner: { pid: killed.process.pid }, others: [] });
  killed.process.kill("SIGKILL");
  await expect(killed.output()).rejects.toThrow();
  expect(await traces()).toEqual([left]);

  server.heal();
  expect(JSON.parse(await push().output())).toEqual({ kind: "landed" });
  expect(await traces()).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
});

describe("the files for git's traces", () => {
  const path = () => join(sandbox.path, "a clone, 100% odd: é\n", "coord");
  const traces = () => join(path(), "traces");
  const leave = async (difference: object, name = nameOfOwner({ ...thisProcess(), ...difference })) => {
    await mkdir(join(traces(), name), { recursive: true });
    await writeFile(join(traces(), name, "1"), "of git");
    return name;
  };
  const use = (text = "trace") =>
    new TraceFiles({ path: path() }).during(async (file) => {
      expect(isAbsolute(file ?? "")).toBe(true);
      await writeFile(file ?? "", text);
    });

  test("give back what git wrote, also when somebody clears them away in between", async () => {
    expect((await use("one")).trace).toBe("one");
    await rm(path(), { recursive: true });
    expect((await use("two")).trace).toBe("two");
  });

  test("of the dead go, those of the living and what is not theirs stay", async () => {
    const dead = [await leave({ started: "1" }), await leave({ boot: "another", pid: 1 })];
    const kept = [await leave({ host: "else,where/é" }), await leave({}, "notes"), await leave({}, "1,%E0%A4%A,,,")];
    await use();
    const names = await readdir(traces());
    expect(kept.filter((name) => !names.includes(name))).toEqual([]);
    expect(dead.filter((name) => names.includes(name))).toEqual([]);
  });

  test("that cannot be made leave git without one", async () => {
    await mkdir(join(sandbox.path, "clone"));
    await writeFile(join(sandbox.path, "clone", "coord"), "a file in the way");
    const files = new TraceFiles({ path: join(sandbox.path, "clone", "coord") });
    expect(await files.during(async (file) => file)).toEqual({ outcome: null, trace: "" });
  });
});

test.each([
  { host: "a,b/c.example", boot: "started-1", space: null, pid: 4711, started: null },
  { host: "h", boot: "b", space: "pid:[4026531836]", pid: 1, started: "123" },
])("the name of a process tells all of it", (owner) => {
  expect(ownerNamed(nameOfOwner(owner))).toEqual(owner);
});
