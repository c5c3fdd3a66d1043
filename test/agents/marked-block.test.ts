import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HASH, MARKDOWN, putBlock, takeBlock } from "../../src/agents/marked-block.ts";

const put = putBlock(MARKDOWN, "our words\n");
const take = takeBlock(MARKDOWN);
const textOf = (result: ReturnType<typeof put>) => {
  if (!result.ok) throw new Error(result.problem);
  return result.text;
};

describe("a block between marked lines", () => {
  test("makes the file, and takes it away again", () => {
    const made = textOf(put(null));
    expect(made).toMatch(/^<!-- git-coord:begin .* -->\nour words\n<!-- git-coord:end -->\n$/);
    expect(textOf(take(made))).toBeNull();
  });

  test("takes the header of a file that it made away with the block, unless somebody has changed it", () => {
    const header = "---\nalwaysApply: true\n---\n\n";
    const made = textOf(putBlock(MARKDOWN, "our words", header)(null));
    expect(made?.startsWith(header)).toBe(true);
    expect(textOf(takeBlock(MARKDOWN, header)(made))).toBeNull();
    expect(textOf(takeBlock(MARKDOWN, header)(`${made}\nmine\n`))).toBe("mine\n");
    const changed = made?.replace("true", "false") ?? "";
    expect(textOf(takeBlock(MARKDOWN, header)(changed))).toBe("---\nalwaysApply: false\n---\n");
  });

  test("is replaced where it stands, and nothing else is touched", () => {
    const before = "# Mine\n\nabove\n";
    const first = textOf(put(before));
    const second = textOf(putBlock(MARKDOWN, "newer words")(`${first}\nbelow\n`));
    expect(second).toBe(`${first?.replace("our words", "newer words")}\nbelow\n`);
    expect(textOf(take(second))).toBe("# Mine\n\nabove\n\nbelow\n");
  });

  test("keeps the line endings of Windows", () => {
    const before = "# Mine\r\n";
    const after = textOf(put(before));
    expect(after?.replaceAll("\r\n", "")).not.toContain("\n");
    expect(textOf(take(after))).toBe(before);
  });

  test("is not guessed when its marks are broken", () => {
    const made = textOf(put("mine\n")) ?? "";
    for (const broken of [made.replace("git-coord:end", "x"), made.replace("git-coord:begin", "x"), made + made]) {
      expect(put(broken)).toMatchObject({ ok: false });
      expect(take(broken)).toMatchObject({ ok: false, line: expect.any(Number) });
    }
  });

  test.each([
    ["markdown", MARKDOWN],
    ["hash", HASH],
  ] as const)("of style %s: twice is once, and out is as it was", (_, style) => {
    const line = fc.constantFrom("", "words", "# heading", "   indented", "```", "- item", "é <!-- x -->");
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.boolean(), (lines, ended) => {
        const before = lines.join("\n") + (ended ? "\n" : "");
        const once = textOf(putBlock(style, "ours")(before));
        expect(textOf(putBlock(style, "ours")(once))).toBe(once);
        const left = textOf(takeBlock(style)(once));
        const wanted = before === "" || before.endsWith("\n") ? before : `${before}\n`;
        expect(left ?? "").toBe(wanted.trim() === "" ? (left ?? "") : wanted);
        expect((left ?? "").trim()).toBe(before.trim());
      }),
    );
  });
});
