// A client that holds the build lock and says so, in a process that can be killed.
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [program = "", folder = ""] = process.argv.slice(2);
const client = new Client({ name: "doomed", version: "1.0.0" }, { capabilities: {} });
const env = process.env as Record<string, string>;
await client.connect(
  new StdioClientTransport({ command: process.execPath, args: [program, "mcp", "-C", folder], env, stderr: "ignore" }),
);
await client.callTool({ name: "acquire_locks", arguments: { locks: ["build"], files: ["src/"] } });
console.log("held");
for (let call = 0; ; call += 1) await client.callTool({ name: "add_task", arguments: { title: `task ${call}` } });
