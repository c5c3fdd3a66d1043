import { type ParseError, parse, parseTree, printParseErrorCode } from "jsonc-parser";
import { type Edit, type EditResult, lineOf } from "./edit.ts";
import { childOf, hasComment, treeOf, withoutProperty, withProperty } from "./json-text.ts";

/** The name under which the MCP server is registered everywhere. */
export const SERVER = "git-coord";

type Json = Readonly<Record<string, unknown>>;

/**
 * Registers the server below a key of a JSON file with or without comments. Of an entry that is there already only
 * what is missing is added: somebody may have named another path to the program.
 */
export function putServer(key: string, entry: Json): Edit {
  return (text) => {
    if (text === null || text.trim() === "")
      return { ok: true, text: `${JSON.stringify({ [key]: { [SERVER]: entry } }, null, 2)}\n` };
    const root = readObject(text);
    if (!root.ok) return root;
    const servers = root.value[key];
    if (servers !== undefined && !isObject(servers)) return notAnObject(key);
    const present = servers?.[SERVER];
    if (present !== undefined && !isObject(present)) return notAnObject(`${key}.${SERVER}`);
    if (servers === undefined) return { ok: true, text: put(text, [], key, { [SERVER]: entry }) };
    if (present === undefined) return { ok: true, text: put(text, [key], SERVER, entry) };
    // Another program or another kind of server: whoever wrote that knows better.
    if ("command" in present || "url" in present) return { ok: true, text };
    const missing = Object.entries(entry).filter(([name]) => !(name in present));
    return { ok: true, text: missing.reduceRight((now, [name, value]) => put(now, [key, SERVER], name, value), text) };
  };
}

/** Takes the server out again, and with it what would be left empty. A file that says nothing more is removed. */
export function takeServer(key: string): Edit {
  return (text) => {
    if (text === null || text.trim() === "") return { ok: true, text };
    const root = readObject(text);
    if (!root.ok) return root;
    const servers = root.value[key];
    if (!isObject(servers) || !(SERVER in servers)) return { ok: true, text };
    const without = withoutProperty(text, objectAt(text, [key]), SERVER);
    const emptied = objectAt(without, [key]);
    const isEmpty = emptied.children?.length === 0 && !hasComment(without, emptied);
    const left = isEmpty ? withoutProperty(without, treeOf(without), key) : without;
    const saysNothing = treeOf(left).children?.length === 0 && !hasComment(left, { offset: 0, length: left.length });
    return { ok: true, text: saysNothing ? null : left };
  };
}

function put(text: string, path: readonly string[], name: string, value: unknown): string {
  return withProperty(text, objectAt(text, path), name, value);
}

function objectAt(text: string, path: readonly string[]) {
  return path.reduce((object, name) => childOf(object, name) ?? object, treeOf(text));
}

type Reading = { readonly ok: true; readonly value: Json } | Extract<EditResult, { ok: false }>;

function readObject(text: string): Reading {
  const errors: ParseError[] = [];
  const tree = parseTree(text.replace(/^\ufeff/, " "), errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error) {
    const problem = `it is no JSON: ${printParseErrorCode(error.error)}`;
    return { ok: false, line: lineOf(text, error.offset), problem };
  }
  if (tree?.type !== "object") return { ok: false, line: 1, problem: "it holds no JSON object" };
  return { ok: true, value: parse(text.replace(/^\ufeff/, " "), [], { allowTrailingComma: true }) as Json };
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const notAnObject = (what: string): EditResult => ({ ok: false, line: null, problem: `"${what}" is no object` });
