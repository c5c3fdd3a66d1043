import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { installHook, type RemoteServer } from "./remote-server.ts";
import type { Sandbox } from "./sandbox.ts";

/** Command lines of the processes that run now and name the file or folder; none where there is no /proc. */
export async function processesOf(path: string): Promise<string[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.map((line) => line.replaceAll("\0", " ").trim()).filter((line) => line.includes(path));
}

/**
 * Resolves when the condition holds. Rejects after ten seconds, or the given milliseconds, saying what was awaited.
 * What takes long is looked at less often: looking takes time from the processes that are waited for.
 */
export async function until(what: string, holds: () => boolean | Promise<boolean>, most = 10_000): Promise<void> {
  const begun = Date.now();
  while (!(await holds())) {
    const waited = Date.now() - begun;
    if (waited > most) throw new Error(`waited in vain for: ${what}`);
    await pause(Math.min(10 + waited / 20, 50));
  }
}

/** A hook that stands still until it is told to go on. */
export interface HeldHook {
  /** Resolves when a push has got as far as the hook. */
  reached(): Promise<void>;
  release(): Promise<void>;
}

/** Holds the first push that reaches the hook; later ones pass at once. */
export async function holdHook(sandbox: Sandbox, server: RemoteServer, name: string): Promise<HeldHook> {
  const folder = await mkdtemp(join(sandbox.path, "hold-"));
  const [reached, released] = [join(folder, "reached"), join(folder, "released")];
  // A hook whose folder has gone is one that everybody has forgotten.
  const script = `mkdir '${reached}' 2>/dev/null || exit 0
while [ -d '${reached}' ] && [ ! -e '${released}' ]; do sleep 0.1; done`;
  await installHook(server, name, script);
  const release = () => writeFile(released, "");
  sandbox.defer(async () => {
    await release();
    await until("git on the server to end", async () => (await processesOf(server.path)).length === 0);
  });
  return { reached: () => until(`${name} to be reached`, () => existsSync(reached)), release };
}
