import { existsSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { installHook, type RemoteServer } from "../../support/remote-server.ts";
import type { Sandbox } from "../../support/sandbox.ts";

/** Resolves when the condition holds. Rejects after a minute, saying what was awaited. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await pause(10)) {
    if (Date.now() > end) throw new Error(`waited in vain for: ${what}`);
  }
}

/** A push that has arrived and that the server has not finished with. */
export interface SlowPush {
  /** Resolves when the server has all that it needs to let the push land. */
  arrived(): Promise<void>;
  /** Lets the server finish, and resolves when it has. */
  finish(): Promise<void>;
}

/** From now on the first push that arrives stands still in the server; later ones pass. */
export async function holdPush(sandbox: Sandbox, server: RemoteServer): Promise<SlowPush> {
  const folder = await mkdtemp(join(sandbox.path, "slow-push-"));
  const [first, holder, go] = ["first", "holder", "go"].map((name) => join(folder, name)) as [string, string, string];
  // The parent of a hook is git-receive-pack. Without its folder nobody waits for the hook any more.
  const script = `mkdir '${first}' 2>/dev/null || exit 0
echo $PPID > '${holder}.new' && mv '${holder}.new' '${holder}'
while [ -d '${first}' ] && [ ! -e '${go}' ]; do sleep 0.1; done`;
  await installHook(server, "pre-receive", script);
  const arrived = () => until("a push to arrive", () => existsSync(holder));
  const finish = async () => {
    await writeFile(go, "");
    if (!existsSync(holder)) return;
    const pid = Number(await readFile(holder, "utf8"));
    await until("the server to finish the push", () => !isRunning(pid));
  };
  sandbox.defer(finish);
  return { arrived, finish };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
