import { appendFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FilePushLog } from "../../src/git/push-log.ts";
import { testSandbox } from "../support/test-sandbox.ts";

async function scene() {
  const { path } = await testSandbox();
  let now = 1_000_000;
  const open = () => new FilePushLog({ folder: { path }, endpoint: { key: "origin" } }, { wall: () => now });
  const at = (time: number) => {
    now = time;
  };
  return { open, at, file: join(path, "pushes", "origin") };
}

test("counts the pushes of all processes, and only those of late", async () => {
  const { open, at } = await scene();
  expect(await open().since(0)).toBe(0);
  open().note();
  at(1_010_000);
  open().note();
  open().note();
  expect(await open().since(999_999)).toBe(3);
  expect(await open().since(1_000_000)).toBe(2);
  expect(await open().since(1_010_000)).toBe(0);
});

test("what a clock that was fast has written is no push of late, nor is a line that is no time", async () => {
  const { open, at, file } = await scene();
  at(9_000_000);
  open().note();
  at(1_000_000);
  open().note();
  await appendFile(file, "half a li");
  expect(await open().since(0)).toBe(1);
});

test("does not grow for ever, and keeps the last thousand", async () => {
  const { open, at, file } = await scene();
  const begin = 1_700_000_000_000;
  for (let time = begin + 1; time <= begin + 5200; time += 1) {
    at(time);
    open().note();
  }
  expect((await stat(file)).size).toBeLessThan(66_000);
  expect(await open().since(begin + 4200)).toBe(1000);
  expect((await readFile(file, "utf8")).endsWith(`${begin + 5200}\n`)).toBe(true);
});
