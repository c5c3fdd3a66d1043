import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addArchived, isArchived, lastArchived, parseArchived } from "../../src/domain/archived.ts";
import { taskKey } from "../../src/domain/identifier.ts";

const read = (text: string | null) => {
  const archived = parseArchived(text);
  if (!archived) throw new Error(`unreadable: ${text}`);
  return archived;
};

describe("the line of archived ids", () => {
  test.each([null, "", "-", " , "])("may be empty: %j", (text) => {
    expect(isArchived(read(text), "T1")).toBe(false);
    expect(lastArchived(read(text), "T")).toBe(0);
  });

  test("joins numbered ids into ranges and lists the others", () => {
    expect(addArchived(null, ["T003", "T1", "t02", "fix-login", "T005"])).toBe("T1 to T3, T5, fix-login");
    expect(addArchived("T1 to T3, T5", ["T4"])).toBe("T1 to T5");
    expect(addArchived("T1 to T5, bug7", ["BUG8", "T4"])).toBe("T1 to T5, BUG7 to BUG8");
  });

  test("is read as people write it", () => {
    const archived = read("t001 to T40,T43 , fix-login");
    expect(["T1", "T040", "t43", "Fix-Login"].map((id) => isArchived(archived, id))).toEqual([true, true, true, true]);
    expect(["T41", "T0", "X1", "fix"].map((id) => isArchived(archived, id))).toEqual([false, false, false, false]);
    expect(lastArchived(archived, "T")).toBe(43);
  });

  test.each(["T5 to T3", "T1 to X5", "T1 - T5", "a b", "T1;T2", "../x", "|"])("is not guessed from %j", (text) => {
    expect(parseArchived(text)).toBeNull();
  });

  test("knows exactly the ids that were added, in any order and spelling", () => {
    const id = fc.oneof(
      fc.nat({ max: 40 }).map((number) => `T${number}`),
      fc.nat({ max: 40 }).map((number) => `t${String(number).padStart(3, "0")}`),
      fc.constantFrom("bug1", "BUG2", "fix-login", "v1.0", "7", "T9999999999999999"),
    );
    fc.assert(
      fc.property(fc.array(fc.array(id, { maxLength: 5 }), { maxLength: 5 }), (batches) => {
        const line = batches.reduce<string | null>((text, ids) => addArchived(text, ids), null);
        const archived = read(line);
        const added = new Set(batches.flat().map(taskKey));
        for (const candidate of [...added, ...Array.from({ length: 42 }, (_, number) => `t${number}`), "bug3", "fix"]) {
          expect(isArchived(archived, candidate)).toBe(added.has(candidate));
        }
        expect(addArchived(line, batches.flat())).toBe(line ?? "");
      }),
    );
  });
});
