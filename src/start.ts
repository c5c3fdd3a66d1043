/**
 * The program's first lines: a hook, which stands in everybody's way, does not load what only commands need. What node
 * has compiled once it keeps, where it can (from node 22.1 on), so that the next command starts faster.
 */
import module from "node:module";

async function start([first, name = "", ...args]: readonly string[]): Promise<void> {
  (module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
  if (first !== "hook" || name === "" || name.startsWith("-")) {
    const { runProgram } = await import("./main.ts");
    return runProgram();
  }
  const { runHook } = await import("./hook.ts");
  const { env, stdin, stderr } = process;
  const err = (words: string) => void stderr.write(words);
  process.exitCode = await runHook({ name, args, cwd: process.cwd(), env, stdin, err });
}

void start(process.argv.slice(2));
