import { appendFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Request } from "../../src/domain/request.ts";
import { thisProcess } from "../../src/git/process-owner.ts";
import { FolderQueue } from "../../src/git/request-queue.ts";
import { systemClock } from "../../src/git/system.ts";
import { testSandbox } from "../support/test-sandbox.ts";

let path: string;
beforeEach(async () => {
  path = join((await testSandbox()).path, "coord");
});

let now = 0;
const clock = { ...systemClock, wall: () => ++now };
const place = { endpoint: { key: "origin" }, branch: "coordination" };
const queue = () => new FolderQueue({ ...place, folder: { path } }, clock);
const folder = (name: string) => join(path, "queue", "origin", "coordination", name);

const actor = { id: "ada", session: "s", host: "h" };
const joining = (opId: string): Request => ({ opId, actor, operation: { op: "join" } });
const ONE = "one------------------";
const TWO = "two------------------";

describe("the queue of a clone", () => {
  test("gives jobs out oldest first, and again until they have a reply", async () => {
    const one = await queue().submit([joining(ONE)]);
    const two = await queue().submit([joining(TWO), joining("three----------------")]);
    expect(await queue().take(1)).toEqual([{ name: one.name, requests: [joining(ONE)], landed: [] }]);
    const [first, second] = await queue().take(9);
    expect(second).toMatchObject({ name: two.name, requests: [{ opId: TWO }, { opId: "three----------------" }] });
    expect(await one.reply()).toBeNull();
    await queue().reply(first as never, { done: true });
    await queue().reply(first as never, { done: "again" });
    expect(await one.reply()).toEqual({ done: true });
    expect((await queue().take(9)).map(({ name }) => name)).toEqual([two.name]);
    await one.close();
    await two.close();
    expect(await readdir(folder("waiting"))).toEqual([]);
    expect(await readdir(folder("taken"))).toEqual([]);
  });

  test("drops the jobs of callers that have gone", async () => {
    const owner = { ...thisProcess(), started: "1" };
    await mkdir(folder("waiting"), { recursive: true });
    await writeFile(folder("waiting/gone"), `${JSON.stringify({ owner, since: 1, requests: [] })}\n`);
    await queue().callNext();
    expect(await queue().take(9)).toEqual([]);
    expect(await readdir(folder("waiting"))).toEqual([]);
  });

  test("leaves a job that a newer program has written to its caller", async () => {
    const ticket = await queue().submit([{ ...joining(ONE), operation: { op: "teleport" } as never }]);
    expect(await queue().take(9)).toEqual([]);
    expect(await ticket.withdraw()).toBe(true);
    await ticket.close();
  });

  test("tells a job which of its requests had landed already", async () => {
    const ticket = await queue().submit([joining(ONE)]);
    await queue().take(9);
    const landed = { opId: ONE, subject: "join", commit: "c".repeat(40) };
    await queue().noteLanded([landed, { ...landed, opId: TWO }]);
    expect(await queue().take(9)).toMatchObject([{ landed: [landed] }]);
    await ticket.close();
  });

  test("reads on behind a line that a process which died has left unfinished", async () => {
    const ticket = await queue().submit([joining(ONE)]);
    const [job] = await queue().take(9);
    await appendFile(folder(`taken/${ticket.name}`), '\n{"kind":"reply","reply":{"to');
    expect(await ticket.reply()).toBeNull();
    await queue().reply(job as never, { torn: false });
    expect(await ticket.reply()).toEqual({ torn: false });
    await ticket.close();
  });

  test("does not mind a reply to somebody who has left", async () => {
    const ticket = await queue().submit([joining(ONE)]);
    const [job] = await queue().take(9);
    await ticket.close();
    await queue().reply(job as never, {});
  });
});

describe("a ticket", () => {
  const LONG = 60_000;

  test("can be withdrawn until somebody takes the job", async () => {
    const [one, two] = [await queue().submit([joining(ONE)]), await queue().submit([joining(TWO)])];
    expect(await one.withdraw()).toBe(true);
    await queue().take(9);
    expect(await two.withdraw()).toBe(false);
    await Promise.all([one.close(), two.close()]);
  });

  test("wakes for the reply, for its turn, and when the caller gives up", async () => {
    const ticket = await queue().submit([joining(ONE)]);
    const other = await queue().submit([joining(TWO)]);
    const turn = ticket.wait(LONG);
    await queue().callNext();
    await turn;
    const [job] = await queue().take(1);
    const reply = ticket.wait(LONG);
    await queue().reply(job as never, {});
    await reply;
    const controller = new AbortController();
    const given = other.wait(LONG, controller.signal);
    controller.abort();
    await given;
    await Promise.all([ticket.close(), other.close()]);
  });

  test("of a place in the line is called when its turn has come, and nobody takes it up", async () => {
    const [first, last] = [await queue().standInLine(), await queue().submit([joining(ONE)])];
    const again = await queue().standInLine();
    expect(await queue().take(9)).toMatchObject([{ name: last.name }]);
    const turn = first.wait(LONG);
    await queue().callNext();
    await turn;
    await first.close();
    const next = again.wait(LONG);
    await queue().callNext();
    await next;
    await Promise.all([last.close(), again.close()]);
    expect(await readdir(folder("waiting"))).toEqual([]);
  });

  test("that was called before it waits does not wait", async () => {
    const ticket = await queue().submit([joining(ONE)]);
    await queue().callNext();
    await ticket.wait(LONG);
    await ticket.close();
  });
});
