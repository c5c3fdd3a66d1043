import { Command, CommanderError } from "commander";
import { commandWord } from "./command-word.ts";
import { lockCommands } from "./commands/locks.ts";
import { sessionCommands } from "./commands/session.ts";
import { taskCommands } from "./commands/tasks.ts";
import { type Surroundings, showFailure } from "./face.ts";

const AFTER_HELP = `
Exit codes: 0 done or already so, 2 usage, 3 held by somebody else, 4 nothing there, 5 lost,
6 remote unreachable or refusing, 7 outcome unknown (run it again), 8 board damaged, 1 a bug.
Every command takes --json. Your id comes from --as, COORD_ID or git config coord.id.
`;

type Make = (surroundings: Surroundings, args: readonly string[]) => Command[];

/**
 * In the order of the help. A command loads its own group only: reading all of them takes longer than a claim decides.
 * What agents type all day is in the program's own file.
 */
const GROUPS: readonly { readonly names: readonly string[]; readonly load: () => Promise<Make> }[] = [
  { names: ["init", "join", "leave"], load: async () => sessionCommands },
  { names: ["add", "ready", "claim", "done", "release"], load: async () => taskCommands },
  { names: ["lock", "unlock", "renew", "break"], load: async () => lockCommands },
  { names: ["run"], load: async () => (await import("./commands/run.ts")).runCommand },
  { names: ["keepalive"], load: async () => (await import("./commands/keepalive.ts")).keepaliveCommand },
  {
    names: ["status", "board", "apply", "edit"],
    load: async () => (await import("./commands/board.ts")).boardCommands,
  },
  { names: ["settings"], load: async () => (await import("./commands/settings.ts")).settingsCommand },
  { names: ["log"], load: async () => (await import("./commands/log.ts")).logCommand },
  {
    names: ["who", "timeline", "verify", "report"],
    load: async () => (await import("./commands/history.ts")).historyCommands,
  },
  {
    names: ["fence", "push", "hooks", "hook"],
    load: async () => (await import("./commands/guard.ts")).guardCommands,
  },
  { names: ["doctor"], load: async () => (await import("./commands/doctor.ts")).doctorCommand },
  { names: ["agents"], load: async () => (await import("./commands/agents.ts")).agentsCommand },
  { names: ["profiles"], load: async () => (await import("./commands/profiles.ts")).profilesCommand },
  { names: ["mcp"], load: async () => (await import("./commands/mcp.ts")).mcpCommand },
];

/**
 * Runs the command line.
 * @param args without the program's name.
 */
export async function runCli(surroundings: Surroundings, version: string, args: readonly string[]): Promise<void> {
  const program = new Command("git-coord")
    .description("Claims, locks and tasks for many orchestrators on one code base, through a git remote.")
    .version(version)
    .addHelpText("after", AFTER_HELP);
  const wanted = commandWord(args);
  const groups = GROUPS.filter(({ names }) => names.includes(wanted));
  // Without one of ours, all that there are: for the help, and for what commander suggests instead.
  for (const { load } of groups.length > 0 ? groups : GROUPS) {
    const make = await load();
    for (const command of make(surroundings, args)) program.addCommand(command);
  }
  for (const command of withSubcommands(program)) prepare(command, surroundings);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) showUsage(surroundings, args, error);
  }
}

const withSubcommands = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
];

/** The common options work before and after the command's name. */
function prepare(command: Command, { out }: Surroundings): void {
  command
    .option("-C <dir>", "run as if started in that folder", (dir: string, before: string[] = []) => [...before, dir])
    .option("--as <id>", "act as this orchestrator")
    .option("--remote <remote>", "the remote of the coordination branch: a name, URL or path")
    .option("--branch <branch>", "the coordination branch")
    .option("--json", "print one JSON document")
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: () => {}, outputError: () => {} });
}

function showUsage(surroundings: Surroundings, args: readonly string[], error: CommanderError): void {
  const asksForHelp = error.code === "commander.help";
  const message = asksForHelp ? "name a command" : error.message.replace(/^error: /, "");
  const hint = "`git-coord --help` lists the commands, `git-coord COMMAND --help` their options.";
  const before = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  showFailure(surroundings, before.includes("--json"), { code: "usage", message, hint });
}
