/** The lines by which a commit proves itself: only in the last paragraph, only once. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { all, formatTrailers, parseTrailers, single, type Trailer } from "../../src/ledger/trailers.ts";

const key = fc.stringMatching(/^Coord-[A-Za-z]{1,8}(-[A-Za-z]{1,4})?$/);
const value = fc
  .string({ minLength: 1, unit: "grapheme" })
  .filter((text) => /^\S(.*\S)?$/s.test(text) && !/[\r\n]/.test(text));
const trailers = fc.array(fc.tuple(key, value) satisfies fc.Arbitrary<Trailer>, { minLength: 1 });

describe("trailers", () => {
  it("are read back as written, in order, behind any prose", () => {
    fc.assert(
      fc.property(trailers, fc.string(), (written, prose) => {
        expect(parseTrailers(`${prose}\n\n${formatTrailers(written)}\n`)).toEqual(written);
      }),
    );
  });

  it("that are not in the last paragraph are prose", () => {
    expect(parseTrailers("subject\n\nCoord-Op: acquire\n\nand that was it\n")).toEqual([]);
    expect(parseTrailers("Coord-Op: acquire\n\nCoord-Actor: ada\n")).toEqual([["Coord-Actor", "ada"]]);
  });

  it("stand in the last paragraph also when the blank line before it is not quite blank", () => {
    expect(parseTrailers("subject\nCoord-Op: leave\n \t\nCoord-Actor: ada\n\n\n")).toEqual([["Coord-Actor", "ada"]]);
  });

  it.each(["\u2028", "a\u2029b", " ", "a "])("have values such as %j, as a path may be", (path) => {
    const written: Trailer[] = [["Coord-Resource", `file:${path}`]];
    expect(parseTrailers(`subject\n\n${formatTrailers(written)}\n`)).toEqual(written);
  });

  it.each([
    ["CRLF", "s\r\n\r\nCoord-Op: join\r\nCoord-Seq: 2\r\n"],
    ["no newline at the end", "s\n\nCoord-Op: join\nCoord-Seq: 2"],
    ["others' trailers in between", "s\n\nCoord-Op: join\nSigned-off-by: A <a@b>\nCoord-Seq: 2\n"],
  ])("are read with %s", (_what, message) => {
    expect(parseTrailers(message)).toEqual([
      ["Coord-Op", "join"],
      ["Coord-Seq", "2"],
    ]);
  });

  it.each(["coord-op: join", " Coord-Op: join", "Coord-Op:join", "Coord_Op: join", "XCoord-Op: join"])(
    "are not %j",
    (line) => {
      expect(parseTrailers(`subject\n\n${line}\n`)).toEqual([]);
    },
  );

  it("that stand there twice have no single value, but both when all are asked for", () => {
    const twice: Trailer[] = [
      ["Coord-Op-Id", "a"],
      ["Coord-Op-Id", "b"],
    ];
    expect(single(twice, "Coord-Op-Id")).toBeNull();
    expect(all(twice, "Coord-Op-Id")).toEqual(["a", "b"]);
    expect(single(twice, "Coord-Seq")).toBeNull();
  });

  it("of a megabyte of almost-trailers are read at once", () => {
    const begun = performance.now();
    parseTrailers(`subject\n\n${"Coord-\n \n".repeat(120_000)}`);
    parseTrailers(`subject${"\n \t ".repeat(120_000)}x`);
    parseTrailers(`subject\n${" ".repeat(100_000)}x`);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
