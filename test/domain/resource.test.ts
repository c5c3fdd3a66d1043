import { describe, expect, test } from "vitest";
import {
  covers,
  file,
  formatResource,
  lock,
  overlaps,
  parseResource,
  sameResource,
  task,
} from "../../src/domain/resource.ts";

describe("a resource", () => {
  test.each([
    ["task:T003", task("T003")],
    ["LOCK:build", lock("build")],
    ["file:./src//a.c", file("src/a.c")],
    ["file:src/**", file("src/")],
    ["file:task:T1", file("task:T1")],
  ])("%j is read", (text, resource) => {
    expect(parseResource(text)).toEqual({ ok: true, resource });
  });

  test.each([
    ["task:", "identifier"],
    ["task:a b", "identifier"],
    ["lock:../x", "identifier"],
    ["lock:none", "identifier"],
    ["file:", "empty"],
    ["file:/x", "absolute"],
  ])("%j is refused", (text, problem) => {
    expect(parseResource(text)).toEqual({ ok: false, problem });
  });

  test("without a kind in front it is somebody else's to understand", () => {
    expect(parseResource("T003")).toBeNull();
    expect(parseResource("")).toBeNull();
  });

  test("is written with its kind in front", () => {
    expect(formatResource(file("a b"))).toBe("file:a b");
  });

  test("is the same however it is spelt, within its kind", () => {
    expect(sameResource(task("T1"), task("t01"))).toBe(true);
    expect(sameResource(lock("Build"), lock("build"))).toBe(true);
    expect(sameResource(lock("l1"), lock("l01"))).toBe(false);
    expect(sameResource(file("src/"), file("SRC"))).toBe(true);
    expect(sameResource(task("build"), lock("build"))).toBe(false);
  });

  test("overlaps others of its kind only, files also when nested", () => {
    expect(overlaps(file("src/"), file("src/a"))).toBe(true);
    expect(overlaps(lock("src"), file("src"))).toBe(false);
    expect(overlaps(task("T1"), task("T01"))).toBe(true);
    expect(covers(file("src/a"), file("src/"))).toBe(false);
    expect(covers(lock("a"), lock("A"))).toBe(true);
    expect(covers(file("build/"), lock("build"))).toBe(false);
  });
});
