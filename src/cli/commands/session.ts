import { Command } from "commander";
import { init } from "../../app/init.ts";
import { join, leave } from "../../app/session.ts";
import { formatResource } from "../../domain/resource.ts";
import { type CommonOptions, type Surroundings, show } from "../face.ts";
import { isoTime } from "../render/time.ts";

export function sessionCommands(surroundings: Surroundings): Command[] {
  return [initCommand(surroundings), joinCommand(surroundings), leaveCommand(surroundings)];
}

function initCommand(surroundings: Surroundings): Command {
  return new Command("init")
    .description("create the coordination branch, or attach to the one that is there")
    .option("--from <board>", "take over an existing board, the original system's included")
    .action((options: { from?: string }, command: Command) =>
      show(
        surroundings,
        command,
        async (coordination) => {
          const common = command.optsWithGlobals<CommonOptions>();
          return init(
            coordination,
            options.from === undefined ? null : await surroundings.readFile(options.from, common),
          );
        },
        {
          json: (value) => ({ ...value }),
          text: ({ branch, remote, created }) => `${created ? "created" : "attached to"} ${branch} on ${remote}\n`,
          hint: () => "next: `git coord join`, then `git coord ready`",
        },
      ),
    );
}

function joinCommand(surroundings: Surroundings): Command {
  return new Command("join")
    .description("register as an orchestrator and print the id")
    .option("--id <id>", "an id of your own instead of a fresh one")
    .option("--name <text>", "shown beside the host on the board")
    .option("--remember", "also write it to coord.id of this worktree")
    .action((options: { id?: string; name?: string; remember?: boolean }, command: Command) =>
      show(surroundings, command, (coordination) => join(coordination, options), {
        json: ({ orchestrator, changed }) => ({ id: orchestrator.id, expires: isoTime(orchestrator.expires), changed }),
        text: ({ orchestrator }) => `${orchestrator.id}\n`,
        hint: ({ orchestrator }) =>
          options.remember
            ? `remembered for this worktree; next: \`git coord claim --next\``
            : `use it with COORD_ID=${orchestrator.id} or --as ${orchestrator.id}; next: \`git coord claim --next\``,
      }),
    );
}

function leaveCommand(surroundings: Surroundings): Command {
  return new Command("leave")
    .description("give back everything and deregister")
    .action((_options: unknown, command: Command) =>
      show(surroundings, command, leave, {
        json: ({ released, changed }) => ({ released: released.map(formatResource), changed }),
        text: ({ released }) =>
          `left${released.length === 0 ? "" : `; released ${released.map(formatResource).join(", ")}`}\n`,
      }),
    );
}
