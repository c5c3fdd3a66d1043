import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable, shortened } from "../../src/domain/printable.ts";

describe("a text that is shown", () => {
  test.each([
    ["\u001b[31mred", "\\u{1b}[31mred"],
    ["a\nb\r\tc", "a\\u{a}b\\u{d}\\u{9}c"],
    ["admin\u202enimda", "admin\\u{202e}nimda"],
    ["a\u200bb\ufeff", "a\\u{200b}b\\u{feff}"],
    ["\u0000\u007f\u009b", "\\u{0}\\u{7f}\\u{9b}"],
    ["\u{e0041}", "\\u{e0041}"],
    ["plain | text <b> é 🔒 日本", "plain | text <b> é 🔒 日本"],
  ])("%j has no invisible character: %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test("is on one line, and nothing in it can steer a terminal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
      }),
    );
  });

  test("is cut between characters, with a mark", () => {
    expect(shortened("abcdef", 4)).toBe("abc…");
    expect(shortened("abcd", 4)).toBe("abcd");
    expect(shortened("🔒🔒🔒", 2)).toBe("🔒…");
  });
});
