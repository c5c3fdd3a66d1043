import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { FolderLock } from "../../src/git/machine-lock.ts";
import { nameOfOwner, processWithId, thisProcess } from "../../src/git/process-owner.ts";
import { systemClock } from "../../src/git/system.ts";
import type { HeldLock } from "../../src/ledger/ports.ts";
import { prepareProgram } from "../support/program.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";

let sandbox: Sandbox;
let path: string;
beforeEach(async () => {
  sandbox = await testSandbox();
  path = join(sandbox.path, "coord");
});

const queue = (branch = "coordination") => join(path, "queue", "origin", branch);
const lock = (branch?: string) => new FolderLock(queue(branch), systemClock);

async function acquire(of = lock()): Promise<HeldLock> {
  const held = await of.tryAcquire();
  if (!held) throw new Error("the lock is taken");
  return held;
}

/** Leaves a lock of a process like this one, but for the difference. */
async function leave(difference: object): Promise<void> {
  await mkdir(join(queue(), "lock"), { recursive: true });
  await writeFile(join(queue(), "lock", "another"), JSON.stringify({ ...thisProcess(), ...difference }));
}

describe("the machine's lock", () => {
  test("is one caller's until it is given back, also within a process", async () => {
    const held = await acquire();
    expect(await lock().tryAcquire()).toBeNull();
    await held.release();
    await (await acquire()).release();
  });

  test("is another one for each branch", async () => {
    const held = await acquire();
    await (await acquire(lock("team/a"))).release();
    await held.release();
  });

  test("of a process that was killed is free", async () => {
    const start = await prepareProgram(sandbox, new URL("../support/programs/lock-owner.ts", import.meta.url));
    const owner = start(sandbox.env, path);
    await owner.line("locked");
    expect(await lock().tryAcquire()).toBeNull();
    expect(lock().holder()).toBe(owner.process.pid);
    owner.process.kill("SIGKILL");
    await expect.poll(() => lock().holder()).toBeNull();
    await expect.poll(async () => (await lock().tryAcquire()) !== null).toBe(true);
  });

  test.each([
    ["a process with the id of a living one", { started: "1" }, true],
    ["a process of an earlier boot", { boot: "another" }, true],
    ["a process on another machine, just now", { host: "elsewhere" }, false],
  ])("of %s", async (_, difference, isFree) => {
    await leave(difference);
    expect((await lock().tryAcquire()) !== null).toBe(isFree);
  });

  test("whose file a crash of the machine has torn is free", async () => {
    await mkdir(join(queue(), "lock"), { recursive: true });
    await writeFile(join(queue(), "lock", "torn"), "");
    await acquire();
  });

  test("leaves nothing behind but what this process will use again", async () => {
    await leave({ started: "1" });
    const held = await acquire();
    expect(await readdir(queue())).toEqual(["lock"]);
    await held.release();
    expect(await readdir(queue())).toEqual([expect.stringMatching(/^lock\.[0-9a-f]{18}$/)]);
  });

  test("clears away what those left who ended while they made theirs, and nothing of the living", async () => {
    const draft = (difference: object) => `draft.${nameOfOwner({ ...thisProcess(), ...difference })}`;
    const dead = [draft({ started: "1" }), draft({ boot: "another" }), "draft.0123456789abcdef01"];
    const living = draft(processWithId(process.ppid));
    for (const name of [...dead, living]) await mkdir(join(queue(), name), { recursive: true });
    await writeFile(join(queue(), dead[0] ?? "", "0123"), "");
    await acquire();
    expect((await readdir(queue())).sort()).toEqual([living, "lock"].sort());
  });

  test("works again when somebody has cleared the queue away", async () => {
    await (await acquire()).release();
    await rm(join(path, "queue"), { recursive: true });
    await expect.poll(async () => (await lock().tryAcquire()) !== null).toBe(true);
  });

  test("is never held by two of many processes that begin in the same moment", async () => {
    const start = await prepareProgram(sandbox, new URL("../support/programs/lock-user.ts", import.meta.url));
    await mkdir(path);
    const users = Array.from({ length: 8 }, () => start(sandbox.env, path, "40"));
    await Promise.all(users.map((user) => user.line("ready")));
    await writeFile(join(path, "go"), "");
    await Promise.all(users.map((user) => user.output()));
    expect(await readdir(queue())).toEqual([]);
  });

  test("of several that ask at once goes to one", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => lock().tryAcquire()));
    expect(all.filter((held) => held !== null)).toHaveLength(1);
  });
});
