import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { idFileName } from "../../src/git/board-files.ts";
import { FileHoldingStore } from "../../src/git/holding-store.ts";
import { FileKeptValue } from "../../src/git/kept-value.ts";
import { FilePendingStore } from "../../src/git/pending-store.ts";
import { thisProcess } from "../../src/git/process-owner.ts";
import { FileSessionStore } from "../../src/git/session-store.ts";
import { systemClock } from "../../src/git/system.ts";
import type { Pending } from "../../src/ledger/ports.ts";
import { prepareProgram } from "../support/program.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";

let sandbox: Sandbox;
let path: string;
beforeEach(async () => {
  sandbox = await testSandbox();
  path = join(sandbox.path, "coord");
});

const place = (branch = "coordination", key = "origin") => ({ folder: { path }, endpoint: { key }, branch });

describe("pending pushes", () => {
  const commit = "c".repeat(40);
  const PENDING: Pending = {
    base: null,
    commit,
    startedAt: 1,
    requests: [{ opId: "V1StGXR8_Z5jdHi6B-myT", subject: "lock build", commit }],
  };
  const secured: string[] = [];
  beforeEach(() => void secured.splice(0));
  const secure = async (kept: readonly string[]) => void secured.push(...kept);
  const queue = (branch?: string, clock = systemClock) => new FilePendingStore(place(branch), clock, secure);
  const file = () => join(path, "queue", "origin", "coordination", `${commit}.json`);
  const afterReboot = { ...systemClock, bootId: () => "the-next-boot" };

  test("are there until they are removed, for each branch its own", async () => {
    expect(await queue().list()).toEqual([]);
    await queue().put(PENDING, []);
    await queue().put({ ...PENDING, base: "b".repeat(40) }, []);
    await queue("team/a").put({ ...PENDING, startedAt: 2 }, []);
    expect(await queue().list()).toEqual([{ ...PENDING, base: "b".repeat(40), abandoned: false }]);
    await queue().remove(PENDING);
    await queue().remove(PENDING);
    expect(await queue().list()).toEqual([]);
    expect(await queue("team/a").list()).toHaveLength(1);
  });

  test("come oldest first", async () => {
    for (const startedAt of [3, 1, 2]) {
      await queue().put({ ...PENDING, commit: String(startedAt).repeat(40), startedAt }, []);
    }
    expect((await queue().list()).map(({ startedAt }) => startedAt)).toEqual([1, 2, 3]);
  });

  test("are anybody's to settle once their process has given them up", async () => {
    await queue().put(PENDING, ["object"]);
    await queue().abandon(PENDING);
    expect(await queue().list()).toEqual([{ ...PENDING, abandoned: true }]);
    await queue().remove(PENDING);
    await queue().abandon(PENDING);
    expect(await queue().list()).toEqual([]);
  });

  test("outlive a process that is killed, and say so", async () => {
    const start = await prepareProgram(sandbox, new URL("../support/programs/pending-owner.ts", import.meta.url));
    const owner = start(sandbox.env, path);
    await owner.line("written");
    expect(await queue().list()).toMatchObject([{ commit, abandoned: false }]);
    owner.process.kill("SIGKILL");
    await expect.poll(async () => (await queue().list())[0]?.abandoned).toBe(true);
  });

  test.each([
    ["another process with the same id", { started: "1" }, 0, true],
    ["a process before the machine was started anew", { boot: "another" }, 0, true],
    ["another machine, just now", { host: "elsewhere" }, 0, false],
    ["another machine, long ago", { host: "elsewhere" }, 16 * 60_000, true],
    ["another container, just now", { space: "pid:[1]", pid: 999_999_999 }, 0, false],
    ["no process at all", { pid: 999_999_999 }, 0, true],
  ])("of %s", async (_, difference, age, abandoned) => {
    const owner = { ...thisProcess(), ...difference };
    await mkdir(dirname(file()), { recursive: true });
    const stored = { ...PENDING, startedAt: systemClock.wall() - age, owner, objects: [] };
    await writeFile(file(), JSON.stringify(stored));
    expect(await queue().list()).toMatchObject([{ abandoned }]);
  });

  test("that cannot be read are left out, left alone, and named", async () => {
    await queue().put(PENDING, []);
    const folder = dirname(file());
    for (const [name, text] of [
      ["empty", ""],
      ["torn", '{"commit":"x'],
      ["null", "null"],
      ["other", "[]"],
      ["no-requests", JSON.stringify({ ...PENDING, requests: null, owner: null, objects: [] })],
      ["bad-oid", (await readFile(file(), "utf8")).replaceAll("cccc", "../x")],
    ] as const)
      await writeFile(join(folder, `${name}.json`), text);
    await writeFile(join(folder, "tmp_obj_of-a-crash"), "{");
    expect(await queue().list()).toHaveLength(1);
    expect(await queue().unreadable()).toHaveLength(6);
    expect(await readdir(folder)).toHaveLength(8);
  });

  test("that a killed process left half-written are cleared away by the next one", async () => {
    await mkdir(dirname(file()), { recursive: true });
    await writeFile(join(dirname(file()), "tmp_obj_0123456789abcdef01"), '{"base":nul');
    await queue().put(PENDING, []);
    expect(await readdir(dirname(file()))).toEqual([`${commit}.json`]);
  });

  test("that cannot be written or listed are an exception", async () => {
    await writeFile(path, "a file where the folder should be");
    await expect(queue().put(PENDING, [])).rejects.toThrow();
    await expect(queue().list()).rejects.toThrow();
    await expect(queue().put({ ...PENDING, commit: "../../x" }, [])).rejects.toThrow("not a commit");
  });

  test("keep their objects for a crash of the machine, also when they are settled", async () => {
    await queue().put(PENDING, ["of the settled one"]);
    await queue().remove(PENDING);
    await queue().put({ ...PENDING, commit: "d".repeat(40) }, ["of the open one"]);
    await queue().list();
    expect(secured).toEqual([]);
    await queue(undefined, afterReboot).list();
    expect(secured).toEqual(["of the settled one", "of the open one"]);
  });

  test("have their objects synced, many at once, in the end", async () => {
    for (let count = 0; count <= 64; count += 1) {
      const pending = { ...PENDING, commit: String(count).padStart(40, "0") };
      expect(secured).toEqual([]);
      await queue().put(pending, [`objects of ${count}`]);
      await queue().remove(pending);
    }
    expect(secured).toHaveLength(65);
    expect(await readdir(join(dirname(file()), "unsynced"))).toEqual([]);
  });
});

describe("sessions", () => {
  const sessions = (branch?: string, key?: string) => new FileSessionStore(place(branch, key));

  test("are made once, known by a hash, and forgotten", async () => {
    expect(await sessions().get("orch-1")).toBeNull();
    const hash = await sessions().obtain("orch-1");
    expect(hash).toMatch(/^[0-9a-f]{12}$/);
    expect(await sessions().get("orch-1")).toBe(hash);
    expect(await sessions().obtain("ORCH-1")).toBe(hash);
    expect(await sessions().create("Orch-1")).toBeNull();
    await sessions().forget("orch-1");
    expect(await sessions().get("orch-1")).toBeNull();
    expect(await sessions().create("orch-1")).not.toBe(hash);
  });

  test("differ by id, branch and remote", async () => {
    const all = await Promise.all([
      sessions().obtain("a"),
      sessions().obtain("b"),
      sessions("other").obtain("a"),
      sessions("coordination", "fork").obtain("a"),
    ]);
    expect(new Set(all).size).toBe(4);
  });

  test("are the same for all who ask at once, also from many processes", async () => {
    const within = await Promise.all(Array.from({ length: 20 }, () => sessions().obtain("orch-1")));
    expect(new Set(within).size).toBe(1);
    const start = await prepareProgram(sandbox, new URL("../support/programs/obtain-session.ts", import.meta.url));
    const across = await Promise.all(Array.from({ length: 8 }, () => start(sandbox.env, path, "orch-2").output()));
    expect(new Set(across).size).toBe(1);
  });

  test("are created by exactly one of many", async () => {
    const created = await Promise.all(Array.from({ length: 20 }, () => sessions().create("orch-1")));
    expect(created.filter((hash) => hash !== null)).toEqual([await sessions().get("orch-1")]);
  });

  test("are secrets: only the owner may read the file, and the hash does not give the nonce away", async () => {
    const hash = await sessions().obtain("orch-1");
    const folder = join(path, "sessions", "origin", "coordination");
    const [name = ""] = await readdir(folder);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, name), "utf8")).not.toContain(hash);
    expect(await readdir(folder)).toHaveLength(1);
  });

  test("that were damaged are none, and are made anew", async () => {
    await sessions().obtain("orch-1");
    await writeFile(join(path, "sessions", "origin", "coordination", "orch-1"), "");
    expect(await sessions().get("orch-1")).toBeNull();
    expect(await sessions().obtain("orch-1")).toMatch(/^[0-9a-f]{12}$/);
  });

  test("any id is a safe file name", () => {
    for (const id of ["../../x", "__proto__", "a/b", ".", "a b", "ä", "x".repeat(300), "a.b", ""]) {
      expect(idFileName(id)).toMatch(/^[a-z0-9_][a-z0-9_-]{0,63}$/);
    }
    expect(idFileName("a.b")).not.toBe(idFileName("a_b"));
  });
});

describe("what was observed", () => {
  test("is kept for each board", async () => {
    const store = (branch: string) => new FileKeptValue(place(branch), "observed");
    expect(await store("a").load()).toBeNull();
    await store("a").save({ bootId: "x", since: { y: 1 } });
    await store("b").save([1]);
    expect(await store("a").load()).toEqual({ bootId: "x", since: { y: 1 } });
    expect(await store("b").load()).toEqual([1]);
    expect(await new FileKeptValue(place("__proto__", ".."), "observed").load()).toBeNull();
  });

  test.each(["", "{", "null", "[]", '"x"'])(
    "is nothing when the file says %j, and can be saved again",
    async (text) => {
      await mkdir(path, { recursive: true });
      await writeFile(join(path, "observed.json"), text);
      const store = new FileKeptValue(place(), "observed");
      expect(await store.load()).toBeNull();
      await store.save(1);
      expect(await store.load()).toBe(1);
    },
  );
});

describe("what is held", () => {
  test("is kept for each orchestrator", async () => {
    const store = new FileHoldingStore(place());
    expect(await store.load("orch-1")).toEqual([]);
    const held = [
      { resource: "lock:build", fence: 42 },
      { resource: "task:T3", fence: null },
    ];
    await store.save("orch-1", held);
    expect(await store.load("ORCH-1")).toEqual(held);
    expect(await store.load("orch-2")).toEqual([]);
  });

  test("is only what can be understood of the file", async () => {
    const store = new FileHoldingStore(place());
    await store.save("orch-1", []);
    const file = join(path, "held", "origin", "coordination", "orch-1.json");
    await writeFile(file, '[{"resource":"lock:a","fence":1},{"resource":1},null,{"resource":"b","fence":"x"}]');
    expect(await store.load("orch-1")).toEqual([{ resource: "lock:a", fence: 1 }]);
    await writeFile(file, "{");
    expect(await store.load("orch-1")).toEqual([]);
  });
});
