import { Command } from "commander";
import { type CommonOptions, guarded, type Surroundings } from "../face.ts";

export function mcpCommand(surroundings: Surroundings): Command[] {
  const command = new Command("mcp")
    .description("the MCP server on standard input and output (-C: the repository; without it the client's roots say)")
    .action((_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      return guarded(surroundings, options.json === true, () => surroundings.serveMcp(options));
    });
  return [command];
}
