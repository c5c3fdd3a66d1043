import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { preparedFolder } from "./prepared-folder.ts";
import type { Sandbox } from "./sandbox.ts";

/** A real remote: a bare repository on disk, and one way to reach it. */
export interface RemoteServer {
  readonly kind: "path" | "ssh" | "http";
  readonly url: string;
  /** The bare repository, to look at and to tamper with. */
  readonly path: string;
  /** What a client's environment needs in addition. */
  readonly env: Readonly<Record<string, string>>;
  /** Also done when the sandbox is disposed of. */
  stop(): Promise<void>;
}

let count = 0;

/** A bare repository that tells nobody's hooks and templates apart: it has none. */
export async function makeBare(sandbox: Sandbox): Promise<string> {
  const path = join(sandbox.path, `server-${++count}.git`);
  await preparedFolder("bare", path, async () => {
    await sandbox.git(sandbox.path, "init", "--quiet", "--bare", "--template=", path);
    await sandbox.git(path, "config", "http.receivepack", "true");
    // Pushes that are refused stay in the log of the test, not in a detached process that outlives it.
    await sandbox.git(path, "config", "receive.autogc", "false");
  });
  return path;
}

/** A remote that is a path. */
export async function pathServer(sandbox: Sandbox): Promise<RemoteServer> {
  const path = await makeBare(sandbox);
  return { kind: "path", url: path, path, env: {}, stop: async () => {} };
}

/** Puts a shell script in the server's way. @param name `pre-receive`, `update`, `post-receive` */
export async function installHook(server: Pick<RemoteServer, "path">, name: string, script: string): Promise<void> {
  const file = join(server.path, "hooks", name);
  await mkdir(join(server.path, "hooks"), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

/** As a protected branch does: refuses every push, with a message. */
export function refusePushes(server: Pick<RemoteServer, "path">, message: string): Promise<void> {
  return installHook(server, "pre-receive", `echo '${message}' >&2; exit 1`);
}

/** What a server killed at the wrong moment leaves: from then on every push to the branch is refused. */
export async function leaveLock(server: Pick<RemoteServer, "path">, branch: string): Promise<string> {
  const lock = join(server.path, "refs", "heads", `${branch}.lock`);
  await mkdir(join(lock, ".."), { recursive: true });
  await writeFile(lock, "");
  return lock;
}
