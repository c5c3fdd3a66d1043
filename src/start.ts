/**
 * The program's first lines: a hook, which stands in everybody's way, does not load what only commands need, and what V8
 * has compiled once it need not compile for the next command (docs/adr/0014).
 */
import { join } from "node:path";
import { COMMANDS, commandWord } from "./cli/command-word.ts";
import { loadCompiled } from "./compiled.ts";

/** The build writes a digest of the files here. */
const DIGEST = "BUILD_DIGEST";

const load = <Loaded>(name: string, command: string) =>
  loadCompiled<Loaded>(join(__dirname, `${name}.cjs`), `${DIGEST}-${command}`);

async function start(words: readonly string[]): Promise<void> {
  const [first, name = "", ...args] = words;
  if (first !== "hook" || name === "" || name.startsWith("-")) {
    const word = commandWord(words);
    const command = COMMANDS.includes(word) ? word : "other";
    return load<typeof import("./main.ts")>("program", command).runProgram();
  }
  const { runHook } = load<typeof import("./hook.ts")>("hook", "hook");
  const { env, stdin, stderr } = process;
  const err = (words: string) => void stderr.write(words);
  process.exitCode = await runHook({ name, args, cwd: process.cwd(), env, stdin, err });
}

let isOver = false;
// What nothing will ever end is no success: a hook would let pass what it has not looked at. Node's own code for that.
process.once("exit", () => {
  if (!isOver) process.exitCode ??= 13;
});
void start(process.argv.slice(2)).finally(() => {
  isOver = true;
});
