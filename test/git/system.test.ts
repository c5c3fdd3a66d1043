import { expect, test } from "vitest";
import { systemClock, systemRandom } from "../../src/git/system.ts";

test("the clocks run forward, and the boot has one name", async () => {
  const before = systemClock.monotonic();
  await systemClock.sleep(5);
  expect(systemClock.monotonic() - before).toBeGreaterThanOrEqual(4);
  expect(Math.abs(systemClock.wall() - Date.now())).toBeLessThan(1000);
  expect(systemClock.bootId()).toBe(systemClock.bootId());
  expect(systemClock.bootId()).not.toBe("");
});

test("a sleep ends when it is aborted, with the signal's reason, however long it was to be", async () => {
  const stop = new AbortController();
  // One timer of node can wait for 2^31 - 1 milliseconds at most.
  const month = systemClock.sleep(2 ** 31 + 4, stop.signal);
  const early = await Promise.race([month.then(() => "woke"), systemClock.sleep(100).then(() => "asleep")]);
  expect(early).toBe("asleep");
  const reason = new Error("enough");
  stop.abort(reason);
  await expect(month).rejects.toBe(reason);
  await expect(systemClock.sleep(1000, stop.signal)).rejects.toBe(reason);
  await systemClock.sleep(0);
  await systemClock.sleep(-5);
});

test("op ids are 21 URL-safe characters, and different", () => {
  const ids = Array.from({ length: 100 }, () => systemRandom.opId());
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{21}$/);
  expect(new Set(ids).size).toBe(100);
  expect(systemRandom.uniform()).toBeLessThan(1);
});
