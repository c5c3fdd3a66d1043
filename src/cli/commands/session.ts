import { Command } from "commander";
import type { Coordination } from "../../app/coordination.ts";
import { init } from "../../app/init.ts";
import { type Joining, join, leave } from "../../app/session.ts";
import { formatResource } from "../../domain/resource.ts";
import { type CommonOptions, type Surroundings, show } from "../face.ts";
import { isoTime } from "../render/time.ts";
import { readPid } from "./keepalive.ts";

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
    .option("--keepalive [pid]", "renew in the background while this process lives (default: who started this command)")
    .action((options: Joining & { keepalive?: string | true }, command: Command) => {
      const { keepalive } = options;
      const pid =
        keepalive === undefined ? null : keepalive === true ? surroundings.starter() : readPid(command, keepalive);
      const action = async (coordination: Coordination) => {
        const outcome = await join(coordination, options);
        if (outcome.ok && pid !== null) {
          surroundings.startKeepalive(pid, outcome.value.orchestrator.id, command.optsWithGlobals<CommonOptions>());
        }
        return outcome;
      };
      return show(surroundings, command, action, {
        json: ({ orchestrator, changed }) => ({
          id: orchestrator.id,
          expires: isoTime(orchestrator.expires),
          changed,
          ...(pid === null ? {} : { keepalive: pid }),
        }),
        text: ({ orchestrator }) => `${orchestrator.id}\n`,
        hint: ({ orchestrator }) => {
          const how = options.remember
            ? "remembered for this worktree"
            : `use it with COORD_ID=${orchestrator.id} or --as ${orchestrator.id}`;
          const kept = pid === null ? "" : `; renewed while process ${pid} lives`;
          return `${how}${kept}; next: \`git coord claim --next\``;
        },
      });
    });
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
