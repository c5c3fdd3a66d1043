import { chmod, lstat, mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { parse as parseJsonc } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { TOOL_NAMES } from "../../src/agents/tools.ts";
import { project } from "./project.ts";

const SERVER = { command: "git-coord", args: ["mcp", "-C", "."] };
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is a template of theirs
const EDITOR_SERVER = { command: "git-coord", args: ["mcp", "-C", "${workspaceFolder}"] };

/** The values that a program which reads this file would get; its front matter, for one with words for a model. */
function readBack(path: string, text: string): unknown {
  if (/\.(json|jsonc)$/.test(path)) return path.endsWith("c") ? parseJsonc(text) : JSON.parse(text);
  if (path.endsWith(".toml")) return parseToml(text);
  if (path.endsWith("modes")) return parseYaml(text);
  const [, front] = /^---\n([\s\S]*?)\n---\n/.exec(text) ?? [];
  return { front: front === undefined ? null : parseYaml(front), hasRules: text.includes("git coord claim") };
}

const EXPECTED: Readonly<Record<string, unknown>> = {
  ".roomodes": {
    customModes: [
      expect.objectContaining({ slug: "git-coord", customInstructions: expect.stringContaining("git coord claim") }),
    ],
  },
  ".roo/mcp.json": { mcpServers: { "git-coord": expect.objectContaining(EDITOR_SERVER) } },
  ".kilo/agents/git-coord.md": { front: { description: expect.any(String), mode: "primary" }, hasRules: true },
  ".kilo/kilo.jsonc": {
    mcp: { "git-coord": { type: "local", command: ["git-coord", "mcp", "-C", "."], enabled: true } },
  },
  ".clinerules/git-coord.md": { front: null, hasRules: true },
  "CLAUDE.md": { front: null, hasRules: true },
  ".mcp.json": { mcpServers: { "git-coord": SERVER } },
  "AGENTS.md": { front: null, hasRules: true },
  ".codex/config.toml": { mcp_servers: { "git-coord": SERVER } },
  ".cursor/rules/git-coord.mdc": { front: { description: expect.any(String), alwaysApply: true }, hasRules: true },
  ".cursor/mcp.json": { mcpServers: { "git-coord": EDITOR_SERVER } },
  ".github/copilot-instructions.md": { front: null, hasRules: true },
  ".vscode/mcp.json": { servers: { "git-coord": { type: "stdio", ...EDITOR_SERVER } } },
  "GEMINI.md": { front: null, hasRules: true },
  ".gemini/settings.json": { mcpServers: { "git-coord": SERVER } },
  "opencode.json": { mcp: { "git-coord": { type: "local", command: ["git-coord", "mcp", "-C", "."], enabled: true } } },
};

describe("agents setup", () => {
  test("writes files that a parser of each format reads, and nothing more the second time", async () => {
    const { local, read, window } = await project();
    const first = await local("agents", "setup", ...TOOL_NAMES);
    const paths = first.files.map(({ path }: { path: string }) => path);
    expect(paths.sort()).toEqual(Object.keys(EXPECTED).sort());
    for (const path of paths)
      expect({ [path]: readBack(path, (await read(path)) ?? "") }).toEqual({ [path]: EXPECTED[path] });
    const second = await local("agents", "setup", "all");
    expect(new Set(second.files.map(({ change }: { change: string }) => change))).toEqual(new Set(["unchanged"]));
    await local("agents", "setup", "all", "--remove");
    expect(await window.git("status", "--porcelain")).toBe("");
    expect(await readdir(window.path)).toEqual([".git"]);
  });

  test("keeps what people wrote before, between and after, and leaves exactly that", async () => {
    const { local, read, write } = await project();
    const before: Record<string, string> = {
      "CLAUDE.md": "# Ours\n\nUse tabs.\n",
      "AGENTS.md": "Read the docs.\n",
      ".mcp.json": '{\n  "mcpServers": {\n    "db": { "command": "db" }\n  }\n}\n',
      ".roomodes":
        "# team modes\ncustomModes:\n  - slug: tester  # Jo's\n    name: Tester\n    roleDefinition: Tests.\n    groups: [read]\n",
      ".codex/config.toml": '# mine\nmodel = "o"\n\n[mcp_servers.db]\ncommand = "db"\n',
      "kilo.jsonc": '{\n  // mine\n  "model": "x",\n}\n',
    };
    for (const [path, text] of Object.entries(before)) await write(path, text);
    await local("agents", "setup", "claude", "codex", "roo", "kilo");
    const edits: Record<string, (text: string) => string> = {
      "CLAUDE.md": (text) => `${text}\nBelow: be kind.\n`,
      "AGENTS.md": (text) => `Above: be kind.\n\n${text}`,
      ".mcp.json": (text) => text.replace('"db": {', '"mail": { "command": "mail" },\n    "db": {'),
      ".roomodes": (text) => `${text}  - slug: late\n    name: Late\n    roleDefinition: Late.\n    groups: []\n`,
      ".codex/config.toml": (text) => `${text}\n[mcp_servers.mail]\ncommand = "mail"\n`,
      "kilo.jsonc": (text) => text.replace("// mine", "// mine, edited"),
    };
    for (const [path, edit] of Object.entries(edits)) await write(path, edit((await read(path)) ?? ""));
    await local("agents", "setup", "claude", "codex", "roo", "kilo");
    await local("agents", "setup", "claude", "codex", "roo", "kilo", "--remove");
    const left = Object.fromEntries(
      await Promise.all(Object.keys(before).map(async (path) => [path, await read(path)])),
    );
    expect(left).toEqual({
      "CLAUDE.md": `${before["CLAUDE.md"]}\nBelow: be kind.\n`,
      "AGENTS.md": `Above: be kind.\n\n${before["AGENTS.md"]}`,
      ".mcp.json": edits[".mcp.json"]?.(before[".mcp.json"] ?? ""),
      ".roomodes": edits[".roomodes"]?.(before[".roomodes"] ?? ""),
      ".codex/config.toml": edits[".codex/config.toml"]?.(before[".codex/config.toml"] ?? ""),
      "kilo.jsonc": edits["kilo.jsonc"]?.(before["kilo.jsonc"] ?? ""),
    });
  });

  test("keeps a hand edit in each file that it made itself, and takes all of its own away", async () => {
    const { local, read, write } = await project();
    const { files } = await local("agents", "setup", "all");
    const words: string[] = files
      .map(({ path }: { path: string }) => path)
      .filter((path: string) => /\.(md|mdc)$/.test(path));
    for (const path of words) await write(path, `${await read(path)}\nby hand\n`);
    await local("agents", "setup", "all");
    await local("agents", "setup", "all", "--remove");
    for (const path of words) expect({ [path]: (await read(path))?.trim() }).toEqual({ [path]: "by hand" });
  });

  test("shows a difference and touches nothing with --dry-run", async () => {
    const { local, window, write, read } = await project();
    await write("CLAUDE.md", "# Ours\n");
    const { files } = await local("agents", "setup", "claude", "--dry-run");
    expect(files).toMatchObject([
      {
        path: "CLAUDE.md",
        change: "updated",
        diff: expect.stringMatching(/^--- a\/CLAUDE\.md\n\+\+\+ b\/CLAUDE\.md\n@@ -1,1 \+1,\d+ @@\n # Ours\n\+/m),
      },
      { path: ".mcp.json", change: "created", diff: expect.stringContaining("+++ b/.mcp.json") },
    ]);
    expect(await read("CLAUDE.md")).toBe("# Ours\n");
    expect(await read(".mcp.json")).toBeNull();
    const { stdout } = await window.run("agents", "setup", "claude", "--dry-run");
    expect(stdout).toContain("would be updated  CLAUDE.md");
    expect(stdout).toContain("+++ b/CLAUDE.md");
  });

  test("touches nothing at all when one file cannot be edited, and says where it is broken", async () => {
    const { local, read, write, window } = await project();
    await write(".mcp.json", '{\n  "mcpServers": {\n    oops\n');
    await write(".roomodes", "customModes:\n  - slug: a\n   x: y\n");
    const refused = await local("agents", "setup", "claude", "roo");
    expect(refused).toMatchObject({
      exit: 2,
      code: "usage",
      problems: [
        { path: ".mcp.json", line: 3 },
        { path: ".roomodes", line: 3 },
      ],
    });
    expect(await read("CLAUDE.md")).toBeNull();
    expect((await window.run("agents", "setup", "claude")).stderr).toContain(".mcp.json:3: ");
    await mkdir(join(window.path, "AGENTS.md"));
    expect(await local("agents", "setup", "agents-md")).toMatchObject({
      exit: 2,
      problems: [{ path: "AGENTS.md", problem: "it is no file" }],
    });
  });

  test("respects a read-only file, follows a link, and works from any folder of the project", async () => {
    const { local, read, write, window } = await project();
    await write("AGENTS.md", "ours\n");
    await symlink("AGENTS.md", join(window.path, "CLAUDE.md"));
    await mkdir(join(window.path, "src"));
    expect((await window.in(join(window.path, "src")).run("agents", "setup", "claude")).exit).toBe(0);
    expect(await read("AGENTS.md")).toMatch(/^ours\n\n<!-- git-coord:begin/);
    expect((await lstat(join(window.path, "CLAUDE.md"))).isSymbolicLink()).toBe(true);
    await chmod(join(window.path, "AGENTS.md"), 0o444);
    const refused = await local("agents", "setup", "claude", "--remove");
    expect(refused).toMatchObject({ exit: 2, problems: [{ path: "CLAUDE.md", problem: "it is read-only" }] });
    expect(await read(".mcp.json")).not.toBeNull();
  });

  test("writes where the project has its files already", async () => {
    const { local, read, write, window } = await project();
    await write(".clinerules", "Be kind.\n");
    await write(".zoomodes", "customModes: []\n");
    await write(".kilocodemodes", "customModes: []\n");
    await write("kilo.json", "{}\n");
    await local("agents", "setup", "cline", "zoo", "kilo");
    expect(await read(".clinerules")).toContain("git coord claim");
    expect(await read(".zoomodes")).toContain("slug: git-coord");
    expect(await read(".kilocodemodes")).toContain("slug: git-coord");
    expect(JSON.parse((await read("kilo.json")) ?? "")).toHaveProperty("mcp.git-coord");
    expect(await readdir(window.path)).not.toContain(".roomodes");
  });

  test("is exit 2 for a tool that it does not know, and 6 outside a repository", async () => {
    const { local, window, sandbox } = await project();
    expect(await local("agents", "setup", "emacs", "roo")).toMatchObject({
      exit: 2,
      code: "usage",
      hint: expect.stringContaining("roo, zoo"),
    });
    expect((await window.run("agents", "setup")).exit).toBe(2);
    expect((await window.in(sandbox.path).run("agents", "setup", "roo")).exit).toBe(6);
  });
});
