import { Command } from "commander";
import { apply } from "../../app/edit.ts";
import { boardText, status } from "../../app/look.ts";
import type { BoardChange } from "../../domain/changes.ts";
import { printable } from "../../domain/printable.ts";
import { type CommonOptions, guarded, type Surroundings, show, type View } from "../face.ts";
import { statusJson, statusText } from "../render/status.ts";

export function boardCommands(surroundings: Surroundings): Command[] {
  return [statusCommand, boardCommand, editCommand, applyCommand].map((make) => make(surroundings));
}

function statusCommand(surroundings: Surroundings): Command {
  return new Command("status")
    .description("who holds what now")
    .option("--offline", "as it was seen last, without asking the remote")
    .action((options: { offline?: boolean }, command: Command) =>
      show(surroundings, command, (coordination) => status(coordination, options), {
        json: (value) => ({ board: statusJson(value) }),
        text: statusText,
      }),
    );
}

function boardCommand(surroundings: Surroundings): Command {
  return new Command("board")
    .description("the markdown itself")
    .option("--offline", "as it was seen last, without asking the remote")
    .action((options: { offline?: boolean }, command: Command) =>
      show(surroundings, command, (coordination) => boardText(coordination, options), {
        json: (text) => ({ board: text }),
        text: (text) => text,
      }),
    );
}

const editView: View<{ readonly changes: readonly BoardChange[] }> = {
  json: ({ changes }) => ({ changes }),
  text: ({ changes }) =>
    changes.length === 0
      ? "no change\n"
      : changes.map(({ change, what, name }) => `${change} ${what} ${printable(name)}\n`).join(""),
};

function applyCommand(surroundings: Surroundings): Command {
  return new Command("apply")
    .description("land a board edited by hand, after checking it")
    .argument("<file>", "the whole board; - is standard input")
    .option("--base <commit>", "the commit whose board was edited (default: the tip seen last)")
    .action((file: string, options: { base?: string }, command: Command) =>
      show(
        surroundings,
        command,
        async (coordination) =>
          apply(
            coordination,
            await surroundings.readFile(file, command.optsWithGlobals<CommonOptions>()),
            options.base ?? null,
          ),
        editView,
      ),
    );
}

function editCommand(surroundings: Surroundings): Command {
  return new Command("edit")
    .description("edit the board by hand in your editor, check it and land it")
    .action((_options: unknown, command: Command) => {
      const common = command.optsWithGlobals<CommonOptions>();
      return guarded(surroundings, common.json === true, async () => {
        const coordination = await surroundings.open(common);
        const before = await boardText(coordination);
        if (!before.ok) return;
        const edited = await surroundings.edit(before.value, common);
        const action = async () => {
          let landed = false;
          try {
            const outcome = await apply(coordination, edited.text, before.commit);
            landed = outcome.ok;
            return outcome;
          } finally {
            if (landed) await edited.discard();
            else surroundings.err(keptWords(edited.path, before.commit));
          }
        };
        await show(surroundings, command, action, editView);
      });
    });
}

const keptWords = (path: string, base: string): string =>
  `your text is kept in ${path}; mend it and run \`git coord apply ${path} --base ${base}\`\n`;
