import { parse } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { putServer, takeServer } from "../../src/agents/json-settings.ts";

const ENTRY = { command: "git-coord", args: ["mcp"] };
const put = putServer("mcpServers", ENTRY);
const take = takeServer("mcpServers");
const textOf = (result: ReturnType<typeof put>) => {
  if (!result.ok) throw new Error(result.problem);
  return result.text;
};

const FILES = {
  "other servers": '{\n  "mcpServers": {\n    "other": { "command": "x" }\n  }\n}\n',
  "other settings only": '{\n\t"theme": "dark"\n}\n',
  comments: '// mine\n{\n  // about it\n  "mcpServers": {\n    "other": { "command": "x" } // here\n  },\n}\n',
  "an empty list of servers among others": '{\n  "mcpServers": {\n    // none yet\n  },\n  "theme": "dark"\n}\n',
  "one line": '{"mcpServers":{"other":{"command":"x"}}}',
  "Windows line ends": '{\r\n  "mcpServers": {\r\n    "other": { "command": "x" }\r\n  }\r\n}\r\n',
};

describe("registering the server in JSON", () => {
  test.each(Object.entries(FILES))("with %s: it is there, twice is once, and out is as it was", (_, before) => {
    const once = textOf(put(before)) ?? "";
    expect(parse(once)).toMatchObject({
      ...parse(before),
      mcpServers: { ...parse(before).mcpServers, "git-coord": ENTRY },
    });
    for (const comment of before.match(/\/\/.*/g) ?? []) expect(once).toContain(comment);
    expect(textOf(put(once))).toBe(once);
    expect(textOf(take(once))).toBe(before);
  });

  test("makes a file that is plain JSON, and removes it when nothing else was said in it", () => {
    const made = textOf(put(null)) ?? "";
    expect(JSON.parse(made)).toEqual({ mcpServers: { "git-coord": ENTRY } });
    expect(textOf(take(made))).toBeNull();
  });

  test("finds the entry wherever somebody has moved it", () => {
    const moved =
      '{\n  "mcpServers": {\n    "a": 1, // first\n    "git-coord": {\n      "command": "x"\n    }\n  }\n}\n';
    expect(textOf(take(moved))).toBe('{\n  "mcpServers": {\n    "a": 1 // first\n  }\n}\n');
    expect(textOf(take('{"mcpServers": {"a": 1, "git-coord": {}, "b": 2}}'))).toBe('{"mcpServers": {"a": 1, "b": 2}}');
    expect(textOf(take('{"mcpServers": {"a": 1, "git-coord": {}}}'))).toBe('{"mcpServers": {"a": 1}}');
  });

  test("leaves a file with nothing but a comment of its user's", () => {
    const made = textOf(put("{\n  // keep me\n}\n")) ?? "";
    expect(textOf(take(made))).toContain("// keep me");
  });

  test("leaves an entry that somebody has changed, and what they added to it", () => {
    const own = '{"mcpServers": {"git-coord": {"command": "/opt/git-coord", "args": ["mcp"], "disabled": true}}}';
    expect(textOf(put(own))).toBe(own);
    const bare = textOf(put('{"mcpServers": {"git-coord": {"alwaysAllow": ["coord_status"]}}}')) ?? "";
    expect(JSON.parse(bare).mcpServers["git-coord"]).toEqual({ alwaysAllow: ["coord_status"], ...ENTRY });
  });

  test.each([
    ['{\n  "a": 1,\n  oops\n}', 3],
    ["[]", 1],
    ['{"mcpServers": []}', null],
    ['{"mcpServers": {"git-coord": 1}}', null],
  ])("refuses %j, and says where", (text, line) => {
    expect(put(text)).toMatchObject({ ok: false, line });
  });

  test("has nothing to take from a file that is not there or does not name it", () => {
    expect(textOf(take(null))).toBeNull();
    expect(textOf(take("{}"))).toBe("{}");
  });
});
