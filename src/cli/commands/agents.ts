import { Command } from "commander";
import type { FileProblem } from "../../agents/setup.ts";
import { prime } from "../../app/prime.ts";
import { Reported } from "../exit.ts";
import { type CommonOptions, type Surroundings, show } from "../face.ts";
import { briefingJson, briefingText } from "../render/briefing.ts";
import { table } from "../render/table.ts";
import { showLocal } from "./local.ts";

export function agentsCommand(surroundings: Surroundings): Command[] {
  const command = new Command("agents").description("instructions for agent tools");
  return [command.addCommand(setupCommand(surroundings)).addCommand(primeCommand(surroundings))];
}

interface SetupOptions {
  readonly dryRun?: boolean;
  readonly remove?: boolean;
}

function setupCommand(surroundings: Surroundings): Command {
  return new Command("setup")
    .description("write instructions and the MCP server into the files that an agent tool reads in this project")
    .argument(
      "<tools...>",
      "roo, zoo, kilo, cline, claude, codex, cursor, copilot, gemini, opencode, agents-md; or all",
    )
    .option("-n, --dry-run", "change nothing, show the difference")
    .option("--remove", "take our part out again")
    .action((names: string[], { dryRun = false, remove = false }: SetupOptions, command: Command) =>
      showLocal(surroundings, command, async (workshop) => {
        const [{ setUpAgents }, { isToolName, TOOL_NAMES }] = await Promise.all([
          import("../../agents/setup.ts"),
          import("../../agents/tools.ts"),
        ]);
        const wanted = names.includes("all") ? TOOL_NAMES : [...new Set(names)];
        const unknown = wanted.filter((name) => !isToolName(name));
        if (unknown.length > 0) throw unknownTools(unknown, TOOL_NAMES);
        const result = await setUpAgents(workshop, { tools: wanted.filter(isToolName), remove, dryRun });
        if (!result.ok) throw cannotEdit(result.problems);
        const { files, notes } = result;
        const rows = table(
          files.map(({ path, change }) => [dryRun && change !== "unchanged" ? `would be ${change}` : change, path]),
        );
        const isChanged = files.some(({ change }) => change !== "unchanged");
        const commit = "commit these files, so that every clone and worktree has them";
        return {
          json: { files, dryRun },
          text: dryRun ? rows + files.map(({ diff }) => diff && `\n${diff}`).join("") : rows,
          notes: isChanged && !dryRun && !remove ? [...notes, commit] : notes,
        };
      }),
    );
}

function unknownTools(unknown: readonly string[], known: readonly string[]): Reported {
  const message = `unknown agent tool: ${unknown.join(", ")}`;
  return new Reported({ code: "usage", message, hint: `There are ${known.join(", ")}, and all.` });
}

function cannotEdit(problems: readonly FileProblem[]): Reported {
  const lines = problems.map(({ path, line, problem }) => `  ${path}${line === null ? "" : `:${line}`}: ${problem}`);
  return new Reported({
    code: "usage",
    message: `nothing was changed, because there are files that cannot be edited:\n${lines.join("\n")}`,
    hint: "Mend them by hand and run it again.",
    data: { problems },
  });
}

function primeCommand(surroundings: Surroundings): Command {
  return new Command("prime")
    .description("what an agent should know now: its id, what it holds, what is ready, the rules in brief")
    .action(async (_options: unknown, command: Command) => {
      const { rulesInBrief } = await import("../../agents/instructions.ts");
      const workshop = await surroundings.workshop(command.optsWithGlobals<CommonOptions>());
      const rules = rulesInBrief(await workshop.instructions());
      return show(surroundings, command, prime, {
        json: (briefing) => ({ ...briefingJson(briefing), rules }),
        text: (briefing, now) => briefingText(briefing, rules, now),
      });
    });
}
