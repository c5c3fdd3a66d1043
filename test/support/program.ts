import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import type { Sandbox } from "./sandbox.ts";

/** A TypeScript program that runs as a process of its own. */
export interface Program {
  readonly process: ChildProcess;
  /** Resolves with everything it printed, when it has ended with 0. */
  output(): Promise<string>;
  /** Resolves when it has printed this line. */
  line(text: string): Promise<void>;
}

/** Bundles a program once; each call of the result starts it. @param file for example `new URL("./programs/x.ts", import.meta.url)` */
export async function prepareProgram(sandbox: Sandbox, file: URL) {
  const outfile = `${sandbox.path}/${file.pathname.split("/").pop()}.mjs`;
  await build({
    input: fileURLToPath(file),
    platform: "node",
    logLevel: "warn",
    output: { file: outfile, format: "esm", codeSplitting: false },
  });
  return (env: Readonly<Record<string, string>>, ...args: readonly string[]): Program => {
    const child = spawn(process.execPath, [outfile, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    sandbox.defer(() => child.kill("SIGKILL"));
    let printed = "";
    let complaint = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    const closed = once(child, "close");
    return {
      process: child,
      async output() {
        await closed;
        if (child.exitCode !== 0) throw new Error(`${file.pathname} ended with ${child.exitCode}: ${complaint}`);
        return printed.trim();
      },
      async line(text) {
        while (!printed.split("\n").includes(text)) {
          await Promise.race([once(child.stdout, "data"), closed]);
          if (child.exitCode !== null)
            throw new Error(`${file.pathname} ended before it printed ${text}: ${complaint}`);
        }
      },
    };
  };
}
