import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { idKey, isIdentifier, taskKey } from "../../src/domain/identifier.ts";

describe("an identifier", () => {
  test.each(["a", "T003", "orch-1430-7842", "fix-login", "x_y.z", "0", "A".repeat(64), "constructor", "toString"])(
    "may be %j",
    (text) => {
      expect(isIdentifier(text)).toBe(true);
    },
  );

  test.each([
    ...["", " ", "-x", ".x", "_x", "__proto__", "../../x", "a/b", "a b", "a\n", "\u0000", "A".repeat(65), "é", "T1|T2"],
    ...["admin\u202enimda", "a\u200b", "task:T1", "$(id)", "none", "None", "NONE", "-"],
  ])("may not be %j", (text) => {
    expect(isIdentifier(text)).toBe(false);
  });

  test("is the same in upper and lower case", () => {
    expect(idKey("Orch-A")).toBe(idKey("orch-a"));
  });
});

describe("two task ids", () => {
  test.each([
    ["T1", "t1"],
    ["T1", "T01"],
    ["T1", "t001"],
    ["T0", "T000"],
    ["Fix-Login", "fix-login"],
    ["abc007", "ABC7"],
  ])("%s and %s are one task", (one, other) => {
    expect(taskKey(one)).toBe(taskKey(other));
  });

  test.each([
    ["T1", "T10"],
    ["T1", "T1a"],
    ["T1", "TT1"],
    ["fix-1", "fix-01"],
    ["v1.0", "v1.00"],
    ["1", "01"],
  ])("%s and %s are two", (one, other) => {
    expect(taskKey(one)).not.toBe(taskKey(other));
  });

  test("with a number of any size keep all its digits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.nat({ max: 5 }), (number, zeros) => {
        expect(taskKey(`T${"0".repeat(zeros)}${number}`)).toBe(`t${number}`);
      }),
    );
  });
});
