/** All that there are, in the order of the help. */
export const COMMANDS: readonly string[] = [
  ...["init", "join", "leave", "add", "ready", "claim", "done", "release", "lock", "unlock", "renew", "break"],
  ...["run", "keepalive", "status", "board", "apply", "edit", "settings", "log", "who", "timeline", "verify", "report"],
  ...["fence", "push", "hooks", "hook", "doctor", "agents", "profiles", "mcp"],
];

/** The common options that take a word of their own. */
const VALUED: readonly string[] = ["-C", "--as", "--remote", "--branch"];

/** The first word that is neither an option nor the word of one; "" when there is none. */
export function commandWord(args: readonly string[]): string {
  return args.find((arg, index) => !arg.startsWith("-") && !VALUED.includes(args[index - 1] ?? "")) ?? "";
}
