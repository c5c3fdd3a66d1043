import { Command, CommanderError } from "commander";
import { agentsCommand } from "./commands/agents.ts";
import { boardCommands } from "./commands/board.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { guardCommands } from "./commands/guard.ts";
import { historyCommands } from "./commands/history.ts";
import { keepaliveCommand } from "./commands/keepalive.ts";
import { lockCommands } from "./commands/locks.ts";
import { logCommand } from "./commands/log.ts";
import { mcpCommand } from "./commands/mcp.ts";
import { profilesCommand } from "./commands/profiles.ts";
import { runCommand } from "./commands/run.ts";
import { sessionCommands } from "./commands/session.ts";
import { settingsCommand } from "./commands/settings.ts";
import { taskCommands } from "./commands/tasks.ts";
import { type Surroundings, showFailure } from "./face.ts";

const AFTER_HELP = `
Exit codes: 0 done or already so, 2 usage, 3 held by somebody else, 4 nothing there, 5 lost,
6 remote unreachable or refusing, 7 outcome unknown (run it again), 8 board damaged, 1 a bug.
Every command takes --json. Your id comes from --as, COORD_ID or git config coord.id.
`;

/**
 * Runs the command line.
 * @param args without the program's name.
 */
export async function runCli(surroundings: Surroundings, version: string, args: readonly string[]): Promise<void> {
  const program = new Command("git-coord")
    .description("Claims, locks and tasks for many orchestrators on one code base, through a git remote.")
    .version(version)
    .addHelpText("after", AFTER_HELP);
  const groups = [
    sessionCommands,
    taskCommands,
    lockCommands,
    runCommand,
    keepaliveCommand,
    boardCommands,
    settingsCommand,
    logCommand,
    historyCommands,
    guardCommands,
    doctorCommand,
    agentsCommand,
    profilesCommand,
    mcpCommand,
  ];
  for (const command of groups.flatMap((make) => make(surroundings, args))) program.addCommand(command);
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
