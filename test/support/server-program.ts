import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * The path of a server program. Tests against real servers never skip: without it they fail, saying what to
 * install.
 */
export async function findProgram(name: string, folders: readonly string[], toInstall: string): Promise<string> {
  for (const folder of [...(process.env.PATH ?? "").split(":"), ...folders]) {
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  throw new Error(`${name} is needed for these tests: install ${toInstall}`);
}

export async function gitExecPath(): Promise<string> {
  const { stdout } = await promisify(execFile)("git", ["--exec-path"]);
  return stdout.trim();
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
