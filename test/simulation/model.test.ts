/** The checker's own idea of who may hold what: the ledger never lets such a board through to show that it works. */
import { describe, expect, it } from "vitest";
import { EMPTY_BOARD, type Lease } from "../../src/domain/board.ts";
import { file, lock, type Resource, task } from "../../src/domain/resource.ts";
import { collide, doubleHolds } from "./model.ts";

const held = (resource: Resource, holder: string): Lease => ({
  resource,
  holder,
  fence: 1,
  since: null,
  expires: null,
  reason: null,
});
const isDouble = (...leases: Lease[]) =>
  doubleHolds({ ...EMPTY_BOARD, leases, locks: [{ name: "gpu", slots: 2 }] }).length > 0;

describe("the checker sees two holders", () => {
  it.each([
    ["of one task in two spellings", task("T01"), task("t1")],
    ["of one lock in two spellings", lock("build"), lock("BUILD")],
    ["of one file in two spellings", file("src/a.ts"), file("SRC/A.ts")],
    ["of a folder and a file in it", file("src/"), file("src/x/a.ts")],
    ["of a file and the folder around it", file("src/x/a.ts"), file("src")],
  ])("%s", (_what, one, other) => {
    expect(isDouble(held(one, "ada"), held(other, "bob"))).toBe(true);
    expect(collide(other, one)).toBe(true);
  });

  it("of more slots than a lock has", () => {
    expect(isDouble(held(lock("gpu"), "ada"), held(lock("gpu"), "bob"), held(lock("gpu"), "cy"))).toBe(true);
  });

  it("and one holder with the same lease twice", () => {
    expect(isDouble(held(lock("gpu"), "ada"), held(lock("gpu"), "ADA"))).toBe(true);
  });
});

describe("the checker lets pass", () => {
  it.each([
    ["different tasks", task("T1"), task("T10")],
    ["a lock and a task of one name", lock("T1"), task("T1")],
    ["neighbouring files", file("src/a.ts"), file("src/a.tsx")],
    ["folders that begin alike", file("src/"), file("src2/a.ts")],
    ["as many holders as a lock has slots", lock("gpu"), lock("gpu")],
  ])("%s", (_what, one, other) => {
    expect(isDouble(held(one, "ada"), held(other, "bob"))).toBe(false);
  });

  it("nested paths in one hand", () => {
    expect(isDouble(held(file("src/"), "ada"), held(file("src/a.ts"), "Ada"))).toBe(false);
  });
});
