import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findProgram } from "../../support/server-program.ts";

/**
 * The environment in which every process, git included, sees one and the same moment for ever. Only the wall
 * clock stands still: timers run on.
 */
export async function frozenClock(at: number): Promise<Record<string, string>> {
  const faketime = await findProgram("faketime", [], "faketime");
  const moment = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  const { stdout } = await promisify(execFile)(faketime, ["--exclude-monotonic", "-f", moment, "env", "-0"]);
  const variables = new Map(stdout.split("\0").map((line) => line.split(/=(.*)/s) as [string, string]));
  const library = variables.get("LD_PRELOAD");
  if (!library) throw new Error("faketime does not say which library it preloads: install faketime 0.9.8 or later");
  // The library alone: the program `faketime` would stand between the test and the process, and keeps shared memory.
  return {
    LD_PRELOAD: library,
    FAKETIME: moment,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    DONT_FAKE_MONOTONIC: "1",
    TZ: "UTC",
  };
}
