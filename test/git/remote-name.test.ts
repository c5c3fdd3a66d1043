import { describe, expect, test } from "vitest";
import { Config } from "../../src/git/config.ts";
import { isLocalPath } from "../../src/git/endpoint.ts";
import { chooseEndpoint, type RemoteWishes } from "../../src/git/remote-name.ts";

const EMBEDDED = "/clone/.git/coord/embedded.git";

function choose(settings: Record<string, string | string[]>, wishes: Partial<RemoteWishes> = {}) {
  const entries = Object.entries(settings).flatMap(([key, values]) =>
    [values].flat().map((value) => ({ scope: "local", key, value })),
  );
  return chooseEndpoint({
    flag: null,
    environment: null,
    config: new Config(entries),
    embedded: EMBEDDED,
    embeddedExists: false,
    directory: "/clone",
    ...wishes,
  });
}

const ORIGIN = { "remote.origin.url": "https://example.invalid/o.git" };
const FORK = { "remote.fork.url": "https://example.invalid/f.git" };
const MIRROR = { "remote.mirror.url": "https://example.invalid/m.git" };

describe("which remote holds the ledger", () => {
  test.each([
    [
      "the flag, before all else",
      { ...ORIGIN, ...FORK, "coord.remote": "origin" },
      { flag: "fork", environment: "origin" },
      "fork",
    ],
    ["then the environment", { ...ORIGIN, ...FORK, "coord.remote": "origin" }, { environment: "fork" }, "fork"],
    ["then the setting", { ...ORIGIN, ...FORK, "coord.remote": "fork" }, {}, "fork"],
    ["then origin", { ...FORK, ...ORIGIN }, {}, "origin"],
    ["then the only one", FORK, {}, "fork"],
    ["with none at all the embedded one", {}, {}, EMBEDDED],
    ["the embedded one stays when a remote comes later", ORIGIN, { embeddedExists: true }, EMBEDDED],
    ["unless another is asked for", ORIGIN, { embeddedExists: true, flag: "origin" }, "origin"],
  ])("%s", (_, settings, wishes, name) => {
    expect(choose(settings as Record<string, string>, wishes).name).toBe(name);
  });

  test("several and no origin is a question", () => {
    const failure = { data: { code: "ambiguous_remote", known: ["fork", "mirror"] } };
    expect(() => choose({ ...FORK, ...MIRROR })).toThrow(expect.objectContaining(failure));
  });

  test("an address is taken as it is, a relative path from the top of the worktree", () => {
    expect(choose({}, { flag: "https://example.invalid/x.git" })).toMatchObject({
      kind: "location",
      url: "https://example.invalid/x.git",
    });
    expect(choose({}, { flag: "git@example.invalid:x.git" }).url).toBe("git@example.invalid:x.git");
    expect(choose({}, { flag: "../x.git" }).url).toBe("/x.git");
    expect(choose({}, { flag: "../x.git" }).key).toBe(choose({}, { flag: "/x.git" }).key);
    expect(choose({}, { flag: EMBEDDED })).toMatchObject({ kind: "embedded", key: "_embedded" });
  });

  test("a push address counts for both ways, and what the remote needs to be reached comes along", () => {
    const chosen = choose({
      "remote.origin.url": ["https://example.invalid/read.git", "https://example.invalid/second.git"],
      "remote.origin.pushurl": ["ssh://example.invalid/write.git", "ssh://example.invalid/second.git"],
      "remote.origin.proxy": "socks5://localhost:9",
      "remote.origin.uploadpack": "/opt/git-upload-pack",
    });
    expect(chosen).toMatchObject({
      url: "ssh://example.invalid/write.git",
      pushUrl: "ssh://example.invalid/write.git",
    });
    expect(chosen.settings).toEqual([
      ["proxy", "socks5://localhost:9"],
      ["uploadpack", "/opt/git-upload-pack"],
    ]);
  });

  test.each([
    ["", "empty"],
    ["--upload-pack=x", "looks_like_an_option"],
    ["-x", "looks_like_an_option"],
    ["ext::sh -c id", "helper"],
    ["fd::3", "helper"],
    ["::x", "helper"],
    ["a\nb", "control_character"],
    ["https://example.invalid/\u001b[31m", "control_character"],
    ["upstream", "unknown_name"],
  ])("%j is refused: %s", (flag, why) => {
    for (const wishes of [{ flag }, { environment: flag }]) {
      expect(() => choose(ORIGIN, wishes)).toThrow(
        expect.objectContaining({ data: expect.objectContaining({ code: "bad_remote", why }) }),
      );
    }
  });

  test("a configured remote that is a program, or nothing, is refused", () => {
    const refused = (why: string) => expect.objectContaining({ data: expect.objectContaining({ why }) });
    expect(() => choose({ "remote.origin.url": "ext::sh -c id" })).toThrow(refused("helper"));
    expect(() => choose({ ...ORIGIN, "remote.origin.vcs": "svn" })).toThrow(refused("helper"));
    expect(() => choose({ "remote.origin.url": "-x" })).toThrow(refused("looks_like_an_option"));
  });

  test("keys are safe names, different for different remotes", () => {
    const names = [
      "origin",
      "Origin",
      "ORIGIN",
      "a/b",
      "a..b",
      "x.lock",
      "ä",
      ".hidden",
      "embedded",
      "_embedded",
      "a b",
    ];
    const keys = names.map((name) => choose({ [`remote.${name}.url`]: "/x" }).key);
    expect(new Set([...keys, choose({}).key]).size).toBe(names.length + 1);
    for (const key of keys) expect(key).toMatch(/^[a-z0-9_][a-z0-9._-]*$/);
    expect(keys[0]).toBe("origin");
  });
});

test.each([
  ["/srv/x.git", true],
  ["../x.git", true],
  ["./a:b", true],
  ["host:x.git", false],
  ["user@host:x.git", false],
  ["https://host/x.git", false],
  ["file:///srv/x.git", false],
])("whether %s is a path: %s", (url, isPath) => {
  expect(isLocalPath(url)).toBe(isPath);
});
