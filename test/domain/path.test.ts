import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizePath, pathCovers, pathKey, pathsOverlap } from "../../src/domain/path.ts";

const normal = (text: string): string => {
  const reading = normalizePath(text);
  return reading.ok ? reading.path : `(${reading.problem})`;
};

describe("a path", () => {
  test.each([
    ["src/a.ts", "src/a.ts"],
    ["./a", "a"],
    ["a//b", "a/b"],
    ["a/../b", "b"],
    ["a/./b", "a/b"],
    ["a/x/../b", "a/b"],
    ["a\\b", "a/b"],
    [".\\src\\a.ts", "src/a.ts"],
    ["-f", "-f"],
    ["--all", "--all"],
    [" a ", " a "],
    ["a:b", "(absolute)"],
    ["ab:c", "ab:c"],
    [".gitignore", ".gitignore"],
    ["src/.github/x", "src/.github/x"],
    ["e\u0301", "\u00e9"],
    ["a|b", "a|b"],
    ["none", "none"],
    ["...", "..."],
    ["..a", "..a"],
  ])("%j is %j", (text, path) => {
    expect(normal(text)).toBe(path);
  });

  test.each([
    ["src/", "src/"],
    ["src//", "src/"],
    ["src/.", "src/"],
    ["src/x/..", "src/"],
    ["src/**", "src/"],
    ["src/**/", "src/"],
    ["src\\**", "src/"],
  ])("%j covers all beneath %j", (text, path) => {
    expect(normal(text)).toBe(path);
  });

  test.each([
    ["", "empty"],
    ["/etc/passwd", "absolute"],
    ["C:\\x", "absolute"],
    ["c:x", "absolute"],
    ["\\\\server\\share", "absolute"],
    ["~/x", "absolute"],
    ["..", "outside"],
    ["../x", "outside"],
    ["a/../../b", "outside"],
    ["..\\x", "outside"],
    [".git/config", "in_git"],
    [".GIT/config", "in_git"],
    ["sub/.git/HEAD", "in_git"],
    [".git", "in_git"],
    ["a/../.git/x", "in_git"],
    ["*", "wildcard"],
    ["**", "wildcard"],
    ["src/*.ts", "wildcard"],
    ["src/**/a", "wildcard"],
    ["a?", "wildcard"],
    ["[ab]", "wildcard"],
    [".", "whole_repository"],
    ["./", "whole_repository"],
    ["a/..", "whole_repository"],
    ["./**", "whole_repository"],
    ["a\u0000b", "control"],
    ["a\nb", "control"],
    ["\u001b[31m", "control"],
    ["\ud800", "control"],
  ])("%j is refused: %s", (text, problem) => {
    expect(normal(text)).toBe(`(${problem})`);
  });

  test("normalised once is normal", () => {
    const part = fc.constantFrom("a", "B", "..", ".", "", "e\u0301", ".git", "src", "\\", "**", "x y");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom("/", "\\"), (parts, slash) => {
        const once = normalizePath(parts.join(slash));
        if (!once.ok) return;
        expect(normalizePath(once.path)).toEqual(once);
        expect(once.path).not.toMatch(/(^|\/)\.{1,2}(\/|$)|^\/|\/\/|\\/);
      }),
    );
  });
});

describe("two paths", () => {
  test.each([
    ["src/a.ts", "src/a.ts"],
    ["src/A.ts", "src/a.ts"],
    ["src/", "src/a.ts"],
    ["src", "src/a.ts"],
    ["SRC/", "src/deep/er/a.ts"],
    ["src/", "src"],
    ["\u00e9", "e\u0301"],
    ["\u00c9", "e\u0301"],
    ["stra\u00dfe", "STRASSE"],
    ["\u03c3\u03c2", "\u03a3\u03a3"],
  ])("%j and %j stand in each other's way", (one, other) => {
    expect(pathsOverlap(one, other)).toBe(true);
    expect(pathsOverlap(other, one)).toBe(true);
  });

  test.each([
    ["src/a", "src/ab"],
    ["src/", "srcs/a"],
    ["src/a/", "src/b/"],
    ["a.b", "a/b"],
    ["e", "\u00e9"],
  ])("%j and %j do not", (one, other) => {
    expect(pathsOverlap(one, other)).toBe(false);
    expect(pathsOverlap(other, one)).toBe(false);
  });

  test("a directory covers what is in it, and not the other way round", () => {
    expect(pathCovers("src/", "src/a.ts")).toBe(true);
    expect(pathCovers("src/", "SRC")).toBe(true);
    expect(pathCovers("src/a.ts", "src/")).toBe(false);
    expect(pathCovers("src/a.ts", "src/a.tsx")).toBe(false);
  });

  test("overlap exactly when one covers the other", () => {
    const path = fc
      .array(fc.constantFrom("a", "A", "b", "ab"), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join("/"));
    fc.assert(
      fc.property(path, path, (one, other) => {
        expect(pathsOverlap(one, other)).toBe(pathCovers(one, other) || pathCovers(other, one));
        expect(pathKey(one) === pathKey(other)).toBe(pathCovers(one, other) && pathCovers(other, one));
      }),
    );
  });
});
