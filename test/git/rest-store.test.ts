import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RestStore } from "../../src/git/rest-store.ts";
import { testSandbox } from "../support/test-sandbox.ts";

const MINUTE = 60_000;

async function scene() {
  const { path } = await testSandbox();
  const now = { wall: Date.UTC(2026, 0, 21, 14, 30), monotonic: 5000, boot: "one" };
  const clock = { wall: () => now.wall, monotonic: () => now.monotonic, bootId: () => now.boot };
  const open = (key = "origin") => new RestStore({ folder: { path }, endpoint: { key } }, clock);
  return { now, open, file: join(path, "rests", "origin") };
}

test("is told to all processes of the clone, for that remote only", async () => {
  const { now, open } = await scene();
  expect(open().left()).toBe(0);
  open().note(MINUTE);
  expect(open().left()).toBe(MINUTE);
  expect(open("other").left()).toBe(0);
  now.monotonic += MINUTE - 1;
  expect(open().left()).toBe(1);
  now.monotonic += 1;
  expect(open().left()).toBe(0);
});

test("is not made shorter by an answer that another process got", async () => {
  const { open } = await scene();
  open().note(MINUTE);
  open().note(1000);
  expect(open().left()).toBe(MINUTE);
  open().note(2 * MINUTE);
  expect(open().left()).toBe(2 * MINUTE);
});

test("does not mind that somebody sets the clock; after a start of the machine it goes by it", async () => {
  const { now, open } = await scene();
  open().note(MINUTE);
  now.wall += 60 * MINUTE;
  expect(open().left()).toBe(MINUTE);
  now.wall -= 60 * MINUTE;
  Object.assign(now, { boot: "two", monotonic: 1 });
  expect(open().left()).toBe(MINUTE);
  now.wall -= 600 * MINUTE;
  expect(open().left()).toBe(60 * MINUTE);
});

test("that cannot be read is none", async () => {
  const { open, file } = await scene();
  await mkdir(join(file, ".."), { recursive: true });
  for (const text of ["", "{", "null", '{"until":"soon"}']) {
    await writeFile(file, text);
    expect(open().left()).toBe(0);
  }
});
