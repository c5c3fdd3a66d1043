import { Command } from "commander";
import type { Coordination, HookState } from "../../app/coordination.ts";
import { printable } from "../../domain/printable.ts";
import { Reported } from "../exit.ts";
import { type CommonOptions, document, guarded, type Surroundings } from "../face.ts";
import { table } from "../render/table.ts";

type Hooks = Coordination["hooks"];

export function hooksCommand(surroundings: Surroundings): Command {
  const run = (act: (hooks: Hooks, options: Options, common: CommonOptions) => Promise<Told>) => {
    return (options: Options, command: Command) => {
      const common = command.optsWithGlobals<CommonOptions>();
      return guarded(surroundings, common.json === true, async () => {
        const { hooks } = await surroundings.open(common);
        const { states, hint } = await act(hooks, options, common);
        if (common.json) return surroundings.out(document({ ok: true, seq: null, commit: null, hooks: states }));
        surroundings.out(table(states.map(lineOf)));
        if (hint !== null) surroundings.err(`${hint}\n`);
      });
    };
  };
  const install = new Command("install")
    .description("install the hooks beside those that are there; they are called first")
    .option("--server", "in a bare repository: judge what is pushed to it")
    .option("--workflow <file>", "also write a workflow that checks pull requests, for hosts without hooks")
    .action(
      run(async (hooks, { server = false, workflow }, common) => {
        checkPlace(hooks, server);
        const states = await hooks.install(server);
        if (workflow !== undefined) await surroundings.writeFile(workflow, await hooks.workflow(), common);
        return { states, hint: workflow === undefined ? null : `wrote ${printable(workflow)}` };
      }),
    );
  const uninstall = new Command("uninstall")
    .description("take the hooks away; what was there before is as it was")
    .action(
      run(async (hooks) => {
        const states = (await hooks.uninstall()).map((hook) => ({ ...hook, state: "absent" as const }));
        return { states, hint: states.length === 0 ? "nothing was installed" : null };
      }),
    );
  const status = new Command("status").description("which hooks are active").action(
    run(async (hooks) => {
      const states = await hooks.status();
      const isReplaced = states.some(({ state }) => state === "replaced");
      const hint = "something has set core.hooksPath since: `git coord hooks install` puts the hooks before it again";
      return { states, hint: isReplaced ? hint : null };
    }),
  );
  const command = new Command("hooks").description("git hooks that refuse conflicting work");
  for (const each of [install, uninstall, status]) command.addCommand(each);
  return command;
}

interface Options {
  readonly server?: boolean;
  readonly workflow?: string;
}

interface Told {
  readonly states: readonly HookState[];
  readonly hint: string | null;
}

function checkPlace({ isBare }: Hooks, server: boolean): void {
  if (isBare === server) return;
  const [message, hint] = server
    ? ["this is no bare repository: its hooks would never be asked", "Run it in the repository that is pushed to."]
    : ["this is a bare repository: nobody commits in it", "For the repository that is pushed to, say --server."];
  throw new Reported({ code: "usage", message: message as string, hint: hint as string });
}

function lineOf({ name, state, chained }: HookState): string[] {
  return [name, state, chained === null ? "" : `after ${chained}`];
}
