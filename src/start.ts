/** The program's first lines: a hook, which stands in everybody's way, does not load what only commands need. */
const [first, name = "", ...args] = process.argv.slice(2);

if (first === "hook" && name !== "" && !name.startsWith("-")) {
  const { runHook } = await import("./hook.ts");
  const { env, stdin, stderr } = process;
  const err = (words: string) => void stderr.write(words);
  process.exitCode = await runHook({ name, args, cwd: process.cwd(), env, stdin, err });
} else {
  await import("./main.ts");
}

export {};
