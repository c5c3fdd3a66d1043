import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { gitEnvironment } from "./environment.ts";

/**
 * Opens a file in the person's editor, as git would (`GIT_EDITOR`, `core.editor`, `VISUAL`, `EDITOR`), on this
 * terminal. Resolves when the editor has ended.
 * @throws Error when it could not be started or reported a failure
 */
export async function runEditor(cwd: string, path: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const env = { ...gitEnvironment(environment), ...editorVariables(environment) };
  const { stdout } = await promisify(execFile)("git", ["var", "GIT_EDITOR"], { cwd, env });
  const editor = stdout.trim();
  // The setting is a piece of shell, with arguments of its own: the same call that git makes (editor.c).
  const child = spawn("sh", ["-c", `${editor} "$@"`, editor, path], { stdio: "inherit", env: environment });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`the editor "${editor}" ended with ${code ?? "a signal"}; nothing was changed`);
}

function editorVariables({ GIT_EDITOR, VISUAL, EDITOR, TERM }: NodeJS.ProcessEnv): Record<string, string> {
  const all = Object.entries({ GIT_EDITOR, VISUAL, EDITOR, TERM });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
