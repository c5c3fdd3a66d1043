/**
 * The program's first lines: a hook, which stands in everybody's way, does not load what only commands need, and what V8
 * has compiled once it need not compile for the next command (docs/adr/0014).
 */
import { join } from "node:path";
import { commandWord } from "./cli/command-word.ts";
import { loadCompiled } from "./compiled.ts";

/** The build writes a digest of the files here. */
const DIGEST = "BUILD_DIGEST";

const load = <Loaded>(name: string, command: string) =>
  loadCompiled<Loaded>(join(__dirname, `${name}.cjs`), `${DIGEST}-${command}`);

async function start(words: readonly string[]): Promise<void> {
  const [first, name = "", ...args] = words;
  if (first !== "hook" || name === "" || name.startsWith("-")) {
    return load<typeof import("./main.ts")>("program", commandWord(words)).runProgram();
  }
  const { runHook } = load<typeof import("./hook.ts")>("hook", "hook");
  const { env, stdin, stderr } = process;
  const err = (words: string) => void stderr.write(words);
  process.exitCode = await runHook({ name, args, cwd: process.cwd(), env, stdin, err });
}

void start(process.argv.slice(2));
