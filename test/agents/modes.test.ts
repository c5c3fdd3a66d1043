import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { putMode, takeMode } from "../../src/agents/modes/entry.ts";
import { checkModes, type Mode } from "../../src/agents/modes/mode.ts";
import { readModes } from "../../src/agents/modes/modes-text.ts";

const mode = (slug: string, more: object = {}): Mode => ({
  slug,
  name: slug,
  roleDefinition: "one\ntwo: #\n\n",
  groups: ["read"],
  ...more,
});
const open = (text: string) => {
  const reading = readModes(text);
  if (!reading.ok) throw new Error(reading.problem);
  return reading;
};

const FILES = {
  "a commented list": `# head
customModes:
  - slug: a   # mine
    name: 'A'
    roleDefinition: >-
      folded
      text
    groups: [read, [edit, { fileRegex: "\\\\.md$" }]]

  # about b
  - slug: b
    name: "B"
    roleDefinition: |
      text

    groups:
    - read
# the end
other: 1
`,
  "a list that is not indented": "customModes:\n- slug: a\n  name: A\n  roleDefinition: r\n  groups: []\n",
  "line ends of Windows":
    "customModes:\r\n  - slug: a\r\n    name: A\r\n    roleDefinition: r\r\n    groups: [read]\r\n",
  "a mark of byte order": "\ufeffcustomModes:\n  - slug: a\n    name: A\n    roleDefinition: r\n    groups: [read]\n",
  "an anchor": "x: &g [read]\ncustomModes:\n  - slug: a\n    name: A\n    roleDefinition: r\n    groups: *g\n",
  "an empty list": "customModes: []\n",
};

describe("a modes file", () => {
  test.each(Object.entries(FILES))("with %s: a mode goes in and out, and the rest stays byte for byte", (_, before) => {
    const after = open(before).put(mode("new"));
    expect(parse(after).customModes).toEqual([...(parse(before).customModes ?? []), mode("new")]);
    expect(open(after).put(mode("new"))).toBe(after);
    expect(open(after).take("new")).toBe(before);
  });

  test("changes one mode in its place, comments of the others included", () => {
    const before = FILES["a commented list"];
    const after = open(before).put(mode("a", { name: "changed" }));
    expect(parse(after).customModes[0]).toEqual(mode("a", { name: "changed" }));
    expect(after.slice(after.indexOf("\n  # about b"))).toBe(before.slice(before.indexOf("\n  # about b")));
  });

  test("may be JSON, and stays JSON", () => {
    const before = JSON.stringify({ customModes: [mode("a")], other: 1 }, null, 4);
    const after = open(before).put(mode("new"));
    expect(JSON.parse(after)).toEqual({ customModes: [mode("a"), mode("new")], other: 1 });
    expect(JSON.parse(open(after).take("a"))).toEqual({ customModes: [mode("new")], other: 1 });
  });

  test.each([
    "",
    "# only a comment\n",
    "customModes:\n",
    "other: 1\n",
    "customModes: [{slug: a, name: A, roleDefinition: r, groups: []}]\n",
  ])("such as %j takes a mode", (before) => {
    const after = open(before).put(mode("new"));
    expect(parse(after).customModes.at(-1)).toEqual(mode("new"));
    for (const comment of before.match(/#.*/g) ?? []) expect(after).toContain(comment);
  });

  test.each([
    ["customModes:\n  - slug: a\n   bad: x\n", expect.any(Number)],
    ["- a\n", 1],
    ["customModes: 3\n", null],
    ["a: 1\na: 2\n", 2],
    [
      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n",
      null,
    ],
  ])("that cannot be read (%j) is refused with its line", (text, line) => {
    expect(readModes(text)).toMatchObject({ ok: false, line });
  });

  test("keeps any text of a mode exactly", () => {
    const text = fc
      .string({ unit: "grapheme", maxLength: 40 })
      .filter((each) => !/[\u0000-\u0008\u000b-\u001f\ufffe\uffff\ud800-\udfff]/.test(each));
    fc.assert(
      fc.property(text, text, fc.constantFrom(...Object.values(FILES)), (name, role, before) => {
        const odd = mode("odd", { name, roleDefinition: role });
        const after = open(before).put(odd);
        expect(open(after).values.at(-1)).toEqual(odd);
        expect(open(after).values.slice(0, -1)).toEqual(open(before).values);
      }),
    );
  });
});

describe("our mode", () => {
  test("is one that every extension takes, and is found again after the extension has written the file anew", () => {
    const made = putMode("# Rules\n\nkeep them\n")(null);
    if (!made.ok || made.text === null) throw new Error("unreachable");
    for (const tool of ["roo", "zoo", "kilo"] as const)
      expect(checkModes(open(made.text).values, tool)).toMatchObject({ ok: true });
    const rewritten = JSON.stringify(parse(made.text));
    expect(putMode("# Rules\n\nkeep them\n")(rewritten)).toEqual({ ok: true, text: rewritten });
    expect(takeMode(rewritten)).toEqual({ ok: true, text: null });
    expect(takeMode(made.text)).toEqual({ ok: true, text: null });
    expect(takeMode("customModes: []\n")).toEqual({ ok: true, text: "customModes: []\n" });
  });
});

describe("checking modes", () => {
  test.each([
    [{ ...mode("a b") }, "slug"],
    [{ ...mode("a"), name: "" }, "name"],
    [{ slug: "a", name: "A", groups: [] }, "roleDefinition"],
    [{ ...mode("a"), groups: ["reed"] }, '"reed"'],
    [{ ...mode("a"), groups: ["read", "read"] }, "twice"],
    [{ ...mode("a"), groups: [["edit", { fileRegex: "(" }]] }, "groups"],
    [{ ...mode("a"), groups: "read" }, "groups"],
    [{ ...mode("a"), customInstructions: 3 }, "customInstructions"],
    [null, "mode 1"],
  ])("names what is wrong with %j", (value, word) => {
    const check = checkModes([value], "roo");
    expect(check).toMatchObject({ ok: false });
    expect(check.ok ? "" : check.problems.join()).toContain(word);
  });

  test("takes what each extension takes, and finds a slug that stands there twice", () => {
    expect(
      checkModes([mode("a", { groups: ["read", ["edit", { fileRegex: "\\.md$", description: "x" }]], own: 1 })], "roo"),
    ).toMatchObject({ ok: true });
    expect(checkModes([mode("a", { groups: ["web"] })], "zoo")).toMatchObject({ ok: true });
    expect(checkModes([mode("a", { groups: ["web"] })], "roo")).toMatchObject({ ok: false });
    expect(checkModes([mode("a"), mode("a")], "roo")).toEqual({ ok: false, problems: ['mode "a" stands there twice'] });
  });
});
