import type { Edit } from "./edit.ts";
import { putServer, takeServer } from "./json-settings.ts";
import { MARKDOWN, putBlock, takeBlock } from "./marked-block.ts";
import { putMode, takeMode } from "./modes/entry.ts";
import type { FileKind } from "./ports.ts";
import { putTomlServer, takeTomlServer } from "./toml-settings.ts";

/** A file of the project that a tool reads, and how our part gets in and out. */
export interface Target {
  /** Relative to the project's root, with forward slashes. */
  readonly path: string;
  readonly put: Edit;
  readonly take: Edit;
}

/** What stands at a path of the project. */
export type Look = (path: string) => Promise<FileKind | null>;

export interface Tool {
  readonly title: string;
  /** What is to be written for this project; some tools read other files when those are there. */
  targets(look: Look, instructions: string): Promise<readonly Target[]>;
  /** What is left for a person to do, if anything. */
  readonly note?: string;
}

/** The folder is named, so that the server never works on one by accident; these tools start it in the project's. */
const ENTRY = { command: "git-coord", args: ["mcp", "-C", "."] };
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is a template of theirs
const EDITOR_ENTRY = { ...ENTRY, args: ["mcp", "-C", "${workspaceFolder}"] };
/** Roo and Zoo give a server no variables but these; one that is not set arrives as it stands here. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: the same
const ROO_ENTRY = { ...EDITOR_ENTRY, env: { COORD_ID: "${env:COORD_ID}" } };
const LOCAL_ENTRY = { type: "local", command: ["git-coord", "mcp", "-C", "."], enabled: true };

const markdown = (path: string, instructions: string, header = ""): Target => ({
  path,
  put: putBlock(MARKDOWN, instructions, header),
  take: takeBlock(MARKDOWN, header),
});
const server = (path: string, entry: Readonly<Record<string, unknown>> = ENTRY, key = "mcpServers"): Target => ({
  path,
  put: putServer(key, entry),
  take: takeServer(key),
});
const mode = (path: string, instructions: string): Target => ({ path, put: putMode(instructions), take: takeMode });

async function firstThere(look: Look, paths: readonly string[], otherwise: string): Promise<string> {
  for (const path of paths) if ((await look(path)) !== null) return path;
  return otherwise;
}

const onlyIfThere = async (look: Look, path: string, targets: readonly Target[]): Promise<readonly Target[]> =>
  (await look(path)) === null ? [] : targets;

const DESCRIPTION = "Claims tasks and locks through git coord, so that several orchestrators can work at once";

/** The tools that `agents setup` knows, with the files that each reads (as of 2026). */
export const TOOLS = {
  roo: {
    title: "Roo Code",
    targets: async (_look, instructions) => [mode(".roomodes", instructions), server(".roo/mcp.json", ROO_ENTRY)],
  },
  zoo: {
    title: "Zoo Code",
    // It reads .zoomodes instead of .roomodes as soon as there is one, and Roo's folder for servers.
    targets: async (look, instructions) => [
      mode(await firstThere(look, [".zoomodes"], ".roomodes"), instructions),
      server(".roo/mcp.json", ROO_ENTRY),
      ...(await onlyIfThere(look, ".zoo/mcp.json", [server(".zoo/mcp.json", ROO_ENTRY)])),
    ],
  },
  kilo: {
    title: "Kilo",
    targets: async (look, instructions) => [
      markdown(".kilo/agents/git-coord.md", instructions, `---\ndescription: ${DESCRIPTION}\nmode: primary\n---\n\n`),
      server(
        await firstThere(look, ["kilo.jsonc", "kilo.json", ".kilo/kilo.jsonc", ".kilo/kilo.json"], ".kilo/kilo.jsonc"),
        LOCAL_ENTRY,
        "mcp",
      ),
      // Its earlier versions were a fork of Roo.
      ...(await onlyIfThere(look, ".kilocodemodes", [mode(".kilocodemodes", instructions)])),
      ...(await onlyIfThere(look, ".kilocode", [server(".kilocode/mcp.json")])),
    ],
  },
  cline: {
    title: "Cline",
    targets: async (look, instructions) => [
      markdown((await look(".clinerules")) === "file" ? ".clinerules" : ".clinerules/git-coord.md", instructions),
    ],
    note: 'Cline keeps MCP servers per user, not per project: add "git-coord": {"command": "git-coord", "args": ["mcp", "-C", "FOLDER"]} under MCP Servers > Configure',
  },
  claude: {
    title: "Claude Code",
    targets: async (_look, instructions) => [markdown("CLAUDE.md", instructions), server(".mcp.json")],
  },
  codex: {
    title: "Codex",
    targets: async (_look, instructions) => [
      markdown("AGENTS.md", instructions),
      { path: ".codex/config.toml", put: putTomlServer, take: takeTomlServer },
    ],
    note: "Codex reads .codex/config.toml in projects that you trust",
  },
  cursor: {
    title: "Cursor",
    targets: async (_look, instructions) => [
      markdown(
        ".cursor/rules/git-coord.mdc",
        instructions,
        `---\ndescription: ${DESCRIPTION}\nalwaysApply: true\n---\n\n`,
      ),
      server(".cursor/mcp.json", EDITOR_ENTRY),
    ],
  },
  copilot: {
    title: "Copilot in VS Code",
    targets: async (_look, instructions) => [
      markdown(".github/copilot-instructions.md", instructions),
      server(".vscode/mcp.json", { type: "stdio", ...EDITOR_ENTRY }, "servers"),
    ],
  },
  gemini: {
    title: "Gemini CLI",
    targets: async (_look, instructions) => [markdown("GEMINI.md", instructions), server(".gemini/settings.json")],
  },
  opencode: {
    title: "opencode",
    targets: async (look, instructions) => [
      markdown("AGENTS.md", instructions),
      server(await firstThere(look, ["opencode.jsonc", "opencode.json"], "opencode.json"), LOCAL_ENTRY, "mcp"),
    ],
  },
  "agents-md": {
    title: "every tool that reads AGENTS.md",
    targets: async (_look, instructions) => [markdown("AGENTS.md", instructions)],
  },
} as const satisfies Readonly<Record<string, Tool>>;

export type ToolName = keyof typeof TOOLS;

export const TOOL_NAMES = Object.keys(TOOLS) as readonly ToolName[];

export const isToolName = (name: string): name is ToolName => Object.hasOwn(TOOLS, name);
