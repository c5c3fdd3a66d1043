import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText, encodePlain, encodeText, stripMarks, unescapeText } from "../../src/board/cells.ts";
import { cellSource, splitRow } from "../../src/board/table.ts";
import { text } from "./arbitraries.ts";

describe("free text in a cell", { timeout: 60_000 }, () => {
  it.each([
    ["a | b", "a \\| b"],
    ["C:\\temp\\", "C:\\\\temp\\\\"],
    ["two\nlines", "two<br>lines"],
    ["<script>", "\\<script>"],
    ["&#124; & &amp;", "\\&#124; & \\&amp;"],
    [" edges ", "&#x20;edges&#x20;"],
    ["-", "\\-"],
    ["none", "&#x6E;one"],
    ["N/A", "&#x4E;/A"],
    ["", '""'],
    ['""', '\\""'],
    ["tab\tbell\u0007esc\u001b", "tab&#x9;bell&#x7;esc&#x1B;"],
    ["admin\u202enimda", "admin&#x202E;nimda"],
    ["zero\u200bwidth\ufeff", "zero&#x200B;width&#xFEFF;"],
    ["é 🔒 **bold** `code`", "é 🔒 **bold** `code`"],
  ])("writes %j as %s", (value, source) => {
    expect(encodeText(value)).toBe(source);
    expect(decodeText(source)).toBe(value);
  });

  it.each([
    ["-", null],
    ["", null],
    ["None", null],
    ["—", null],
    ["a\\|b", "a|b"],
    ["C:\\temp", "C:\\temp"],
    ["\\*not bold\\*", "*not bold*"],
    ["one<BR/>two<br />three", "one\ntwo\nthree"],
    ["R&amp;D &lt;3 &#65;&#x42;", "R&D <3 AB"],
    ["&#0; &#xD800; &#x110000; &copy;", "&#0; &#xD800; &#x110000; &copy;"],
  ])("reads the hand-written %j as %j", (source, value) => {
    expect(decodeText(source)).toBe(value);
  });

  it("comes back exactly from one cell of one line, whatever it is", () => {
    fc.assert(
      fc.property(text, (value) => {
        const source = encodeText(value);
        expect(decodeText(source)).toBe(value);
        const row = `| ${source} |`;
        expect(splitRow(row)?.map((cell) => cellSource(row, cell))).toEqual([source]);
        expect(source).not.toMatch(/[\r\n\t\u0085\u2028\u2029\u202e\u200b]/);
      }),
      { numRuns: 800 },
    );
  });

  it("comes back exactly from a cell whose bold and code marks are ignored", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(unescapeText(stripMarks(encodePlain(value)))).toBe(value === "" ? '""' : value);
      }),
      { numRuns: 400 },
    );
  });

  it("cannot hold what no text file can", () => {
    expect(() => encodeText("a\0b")).toThrow(expect.objectContaining({ code: "unwritable_text" }));
    expect(() => encodeText("\ud800")).toThrow(expect.objectContaining({ code: "unwritable_text" }));
  });
});
