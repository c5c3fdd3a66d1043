import { Command } from "commander";
import { configure, settings } from "../../app/settings.ts";
import { type Surroundings, show } from "../face.ts";
import { table } from "../render/table.ts";

export function settingsCommand(surroundings: Surroundings): Command[] {
  const command = new Command("settings")
    .description("show the board's settings, or change one")
    .argument("[name]")
    .argument("[value]")
    .action((name: string | undefined, value: string | undefined, _options: unknown, command: Command) =>
      name !== undefined && value !== undefined
        ? change(surroundings, command, name, value)
        : list(surroundings, command, name),
    );
  return [command];
}

function list(surroundings: Surroundings, command: Command, name: string | undefined): Promise<void> {
  const wanted = (row: { name: string }) => name === undefined || row.name.toLowerCase() === name.trim().toLowerCase();
  return show(
    surroundings,
    command,
    async (coordination) => {
      const outcome = await settings(coordination);
      if (!outcome.ok || outcome.value.some(wanted)) return outcome;
      const refusal = { kind: "no_such_setting", name: name ?? "" } as const;
      return { ...outcome, ok: false, failure: { kind: "refused", refusal } };
    },
    {
      json: (rows) => ({ settings: Object.fromEntries(rows.filter(wanted).map((row) => [row.name, row.value])) }),
      text: (rows) => table(rows.filter(wanted).map((row) => [row.name, row.value, row.meaning])),
    },
  );
}

function change(surroundings: Surroundings, command: Command, name: string, value: string): Promise<void> {
  return show(surroundings, command, (coordination) => configure(coordination, name, value), {
    json: ({ setting, changed }) => ({ settings: { [setting.name]: setting.value }, changed }),
    text: ({ setting }) => `${setting.name} = ${setting.value}\n`,
  });
}
