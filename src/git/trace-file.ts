import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readIfThere, removeFolder } from "./atomic-file.ts";

/**
 * Lets git write a trace into a file. On standard error it would mix with the server's words, and with what hooks of a
 * remote on this machine read from the git commands that they run.
 * @param run gets the file's path, for git's variables; null when no file could be made
 * @returns what the trace holds; empty when there was no file
 */
export async function withTraceFile<T>(
  run: (file: string | null) => Promise<T>,
): Promise<{ readonly outcome: T; readonly trace: string }> {
  const file = emptyFile();
  if (file === null) return { outcome: await run(null), trace: "" };
  try {
    const outcome = await run(file);
    return { outcome, trace: readIfThere(file) ?? "" };
  } finally {
    free.push(file);
  }
}

/** Files of this process that no git is using. What a server process still writes there counts as "sent". */
const free: string[] = [];
let folder: string | null = null;

function emptyFile(): string | null {
  try {
    const file = free.pop() ?? join(ownFolder(), String(process.hrtime.bigint()));
    writeFileSync(file, "");
    return file;
  } catch {
    return null;
  }
}

/** A folder, for a server process that outlives this one must not make its file anew. */
function ownFolder(): string {
  if (folder !== null) return folder;
  const made = mkdtempSync(join(tmpdir(), "git-coord-trace-"));
  process.once("exit", () => removeFolder(made));
  folder = made;
  return made;
}
