import { parse, TomlError } from "smol-toml";
import type { Edit } from "./edit.ts";
import { SERVER } from "./json-settings.ts";
import { HASH, putBlock, takeBlock } from "./marked-block.ts";

const CONTENT = `[mcp_servers.${SERVER}]\ncommand = "git-coord"\nargs = ["mcp", "-C", "."]\n`;

/** Registers the server in a TOML file, as a table between marked lines. A table that people wrote themselves stays. */
export const putTomlServer: Edit = (text) => {
  const put = putBlock(HASH, CONTENT)(text);
  const outside = takeBlock(HASH)(text);
  if (!put.ok || !outside.ok) return put.ok ? outside : put;
  const before = readToml(outside.text ?? "");
  if (!before.ok) return before;
  const servers = before.value.mcp_servers;
  if (typeof servers === "object" && servers !== null && SERVER in servers) return { ok: true, text };
  const after = readToml(put.text ?? "");
  return after.ok
    ? put
    : { ...after, problem: "the table [mcp_servers] is written so that no other can follow; add the server by hand" };
};

export const takeTomlServer: Edit = takeBlock(HASH);

type Reading =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly line: number | null; readonly problem: string };

function readToml(text: string): Reading {
  try {
    return { ok: true, value: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { ok: false, line: error.line, problem: `it is no TOML: ${error.message.split("\n")[0]}` };
  }
}
