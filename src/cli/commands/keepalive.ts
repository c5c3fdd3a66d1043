import { Command } from "commander";
import { canKeepAlive, keepalive } from "../../app/keepalive.ts";
import { Reported } from "../exit.ts";
import { type CommonOptions, type Surroundings, show } from "../face.ts";

export function keepaliveCommand(surroundings: Surroundings): Command[] {
  const command = new Command("keepalive")
    .description("renew everything held, and the session, while a process lives; stop with it")
    .requiredOption("--pid <n>", "the process")
    .option("--detach", "go on in the background")
    .action(async (options: { pid: string; detach?: boolean }, command: Command) => {
      const pid = readPid(command, options.pid);
      if (options.detach) return detach(surroundings, command, pid);
      return show(
        surroundings,
        command,
        async (coordination) => {
          const isAlive = await surroundings.watchProcess(pid);
          if (!(await isAlive())) throw noProcess(pid);
          return keepalive(coordination, isAlive);
        },
        {
          json: ({ ended }) => ({ pid, ended }),
          text: ({ ended }) => (ended === "process_ended" ? `process ${pid} has ended\n` : "interrupted\n"),
        },
      );
    });
  return [command];
}

const noProcess = (pid: number): Reported =>
  new Reported({ code: "not_found", message: `there is no process ${pid}`, hint: "Name one of this machine." });

export function readPid(command: Command, text: string): number {
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (pid < 2) command.error(`error: "${text}" is no process id`);
  return pid;
}

async function detach(surroundings: Surroundings, command: Command, pid: number): Promise<void> {
  await show(
    surroundings,
    command,
    async (coordination) => {
      const isAlive = await surroundings.watchProcess(pid);
      if (!(await isAlive())) throw noProcess(pid);
      const outcome = await canKeepAlive(coordination);
      if (outcome.ok) surroundings.startKeepalive(pid, outcome.value.id, command.optsWithGlobals<CommonOptions>());
      return outcome;
    },
    {
      json: () => ({ pid }),
      text: ({ id }) => `renews for ${id} in the background while process ${pid} lives\n`,
    },
  );
}
