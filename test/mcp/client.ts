import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect } from "vitest";
import { built, PROGRAM } from "../cli/built.ts";
import type { Sandbox } from "../support/sandbox.ts";

/** The result of a tool as a model gets it. */
// biome-ignore lint/suspicious/noExplicitAny: a result is looked at field by field
export type Result = Record<string, any> & { readonly isError: boolean; readonly text: string };

/** A client of the official package, and the server process that it started. */
export interface Connection {
  readonly client: Client;
  readonly pid: number;
  call(name: string, args?: Readonly<Record<string, unknown>>): Promise<Result>;
  /** Closes the pipe, and waits for the server to end. */
  close(): Promise<void>;
  /** What the server wrote on standard error. */
  stderr(): string;
}

export interface ConnectOptions {
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Arguments behind `mcp`. */
  readonly args?: readonly string[];
  /** The client's roots; absent: it has none to tell. */
  readonly roots?: readonly string[];
  /** Which generation of the protocol; `auto` takes the newest. */
  readonly mode?: "legacy" | "auto";
}

export async function connect(sandbox: Sandbox, options: ConnectOptions): Promise<Connection> {
  await built();
  const { env, args = [], roots, mode = "auto", cwd = sandbox.path } = options;
  const client = new Client(
    { name: "test", version: "1.0.0" },
    { capabilities: roots ? { roots: {} } : {}, versionNegotiation: { mode } },
  );
  if (roots) client.setRequestHandler("roots/list", async () => ({ roots: roots.map((uri) => ({ uri })) }));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, "mcp", ...args],
    env: { ...env },
    cwd,
    stderr: "pipe",
  });
  let errors = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  await client.connect(transport);
  sandbox.defer(() => client.close());
  return {
    client,
    pid: transport.pid ?? 0,
    call: async (name, args = {}) =>
      toResult(await client.callTool({ name, arguments: { ...args } }, { timeout: 240_000 })),
    close: () => client.close(),
    stderr: () => errors,
  };
}

function toResult(raw: Awaited<ReturnType<Client["callTool"]>>): Result {
  const [first] = raw.content;
  const text = first?.type === "text" ? first.text : "";
  if (raw.structuredContent) expect(JSON.parse(text)).toEqual(raw.structuredContent);
  return { ...(raw.structuredContent as object | undefined), text, isError: raw.isError === true };
}
