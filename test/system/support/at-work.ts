import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RemoteServer } from "../../support/remote-server.ts";
import type { Sandbox } from "../../support/sandbox.ts";
import { type Ended, type Running, start, type Window } from "./command.ts";
import { assemble } from "./fleet.ts";

/** Windows on several clones, and the settings that a test needs. */
export async function crew(
  sandbox: Sandbox,
  server: RemoteServer,
  plan: { readonly windows: number; readonly clones: number; readonly settings?: Readonly<Record<string, string>> },
): Promise<Window[]> {
  const { clones, settings = {} } = plan;
  const places = await assemble(sandbox, server, { windows: clones, tasks: 1, settings });
  return Array.from({ length: plan.windows }, (_, each) => {
    const { clone } = places[each % places.length] as Window;
    return { id: `runner-${String(each + 1).padStart(2, "0")}`, clone };
  });
}

/** A folder in which commands leave word of themselves. */
export interface Workshop {
  readonly path: string;
  /** What was written into a file there; "" when there is none. */
  read(name: string): Promise<string>;
  write(name: string): Promise<void>;
  /** A shell command that works alone or complains: it leaves its name in `order`, and its process in `pid-NAME`. */
  job(name: string, work: string): readonly string[];
}

export function workshop(sandbox: Sandbox): Workshop {
  const { path } = sandbox;
  return {
    path,
    read: (name) => readFile(join(path, name), "utf8").catch(() => ""),
    write: (name) => writeFile(join(path, name), ""),
    job: (name, work) => {
      // An exclusive folder, as long as the command runs; one whose owner is dead is nobody's.
      const enter = `cd '${path}' || exit 98
if ! mkdir busy 2>/dev/null; then
  if grep -q '^State:.[^ZX]' "/proc/$(cat busy/pid)/status" 2>/dev/null; then echo ${name} >>collisions; exit 99; fi
  rm -r busy; mkdir busy
fi
echo $$ >busy/pid; echo $$ >pid-${name}; echo ${name} >>order`;
      return ["sh", "-c", `${enter}\n${work}\nrm -r busy`];
    },
  };
}

/** Works until the file is there; looks seldom, since each look is a process. */
export const untilThere = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.1; done`;

/** `run` under these locks, as a process of its own. */
export function startRun(
  sandbox: Sandbox,
  window: Window,
  options: readonly string[],
  command: readonly string[],
): Running {
  return start(sandbox, window, ["run", ...options, "--", ...command], { group: true });
}

/** What has ended and was not fetched by its parent does not run. */
export async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

export const said = (end: Ended): string => `exit ${end.exit ?? end.signal}: ${end.stdout}${end.stderr}`;
