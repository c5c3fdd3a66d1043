import { Command } from "commander";
import { checkFence } from "../../app/fence.ts";
import { push } from "../../app/push.ts";
import { printable } from "../../domain/printable.ts";
import { EXIT } from "../exit.ts";
import { type CommonOptions, document, guarded, type Surroundings, show, showFailure } from "../face.ts";
import { reportFailure } from "../words.ts";
import { hooksCommand } from "./hooks.ts";

export function guardCommands(surroundings: Surroundings): Command[] {
  return [pushCommand, fenceCommand, hooksCommand, hookCommand].map((make) => make(surroundings));
}

function pushCommand(surroundings: Surroundings): Command {
  return new Command("push")
    .description("push code and a renewal of what you hold, both or neither")
    .argument("[target]", "the remote of the board")
    .argument("[refspecs...]", "as for git push (default: the current branch)")
    .action((target: string | undefined, refspecs: string[], _options: unknown, command: Command) =>
      show(surroundings, command, (coordination) => push(coordination, { remote: target ?? null, refspecs }), {
        json: ({ refs, remote }) => ({ refs, remote }),
        text: ({ refs, remote }) =>
          refs.map(({ ref, oid }) => `${oid.slice(0, 12)} -> ${printable(ref)} on ${printable(remote)}\n`).join(""),
      }),
    );
}

function fenceCommand(surroundings: Surroundings): Command {
  const check = new Command("check")
    .description("is this fence still the current one? Exit 5 when it is not")
    .argument("<resource>", "task:T003, lock:build, file:src/a.c, or a bare task id or lock name")
    .argument("<fence>", "the number that the lease was granted with")
    .action((resource: string, fence: string, _options: unknown, command: Command) => {
      const common = command.optsWithGlobals<CommonOptions>();
      const json = common.json === true;
      return guarded(surroundings, json, async () => {
        const outcome = await checkFence(await surroundings.open(common), resource, fence);
        if (!outcome.ok) return showFailure(surroundings, json, reportFailure(outcome.failure, surroundings.now()));
        const { value, seq, commit } = outcome;
        if (!value.current) {
          const report = {
            code: "lost",
            message: `${value.fence} is not the fence of a live lease on ${value.resource} any more`,
            hint: "Stop the work that relied on it. `git coord status` shows who holds what.",
            data: { ...value },
          } as const;
          return showFailure(surroundings, json, report, { seq, commit });
        }
        surroundings.out(json ? document({ ok: true, seq, commit, ...value }) : `${value.fence} is current\n`);
      });
    });
  return new Command("fence").description("check the fence of a lease").addCommand(check);
}

/** What the shims call; `start.ts` catches it before anything of the command line is loaded. */
function hookCommand({ setExitCode, err }: Surroundings): Command {
  return new Command("hook")
    .description("what the git hooks call: hook NAME [ARGUMENTS]")
    .argument("<name>", "pre-commit, pre-push, pre-receive, pull-request")
    .argument("[args...]")
    .action(() => {
      setExitCode(EXIT.usage);
      err("git-coord: `hook` comes first: git-coord hook NAME\n");
    });
}
