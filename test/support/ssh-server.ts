import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { makeBare, type RemoteServer } from "./remote-server.ts";
import type { Sandbox } from "./sandbox.ts";
import { findProgram } from "./server-program.ts";

const exec = promisify(execFile);

/** An `sshd` of the test's own on a loopback port, with keys of its own, for the user who runs the test. */
export async function sshServer(sandbox: Sandbox): Promise<RemoteServer> {
  const sshd = await findProgram("sshd", ["/usr/sbin", "/usr/local/sbin"], "openssh-server");
  const path = await makeBare(sandbox);
  const folder = await mkdtemp(join(sandbox.path, "ssh-"));
  await makeKeys(folder);
  const { process, port } = await start(sshd, folder, sandbox);
  const stop = async () => {
    if (process.exitCode !== null || process.signalCode !== null) return;
    process.kill();
    await once(process, "exit");
  };
  sandbox.defer(stop);
  const { username } = userInfo();
  const options = [
    "IdentitiesOnly=yes",
    "BatchMode=yes",
    "StrictHostKeyChecking=no",
    `UserKnownHostsFile=${folder}/known`,
  ];
  return {
    kind: "ssh",
    url: `ssh://${username}@127.0.0.1:${port}${path}`,
    path,
    env: {
      GIT_SSH_COMMAND: `ssh -F none -q -i ${folder}/identity ${options.map((option) => `-o ${option}`).join(" ")}`,
    },
    stop,
  };
}

async function makeKeys(folder: string): Promise<void> {
  for (const name of ["host", "identity"]) {
    await exec("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", join(folder, name)]);
  }
  await copyFile(join(folder, "identity.pub"), join(folder, "authorized"));
}

async function start(sshd: string, folder: string, sandbox: Sandbox): Promise<{ process: ChildProcess; port: number }> {
  // As root, sshd insists on this folder, which its package makes only when the service starts.
  if (userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const file = join(folder, "config");
    await writeFile(file, configuration(folder, port, sandbox));
    // sshd starts itself anew for each connection, and for that wants an absolute path.
    const process = spawn(sshd, ["-D", "-e", "-f", file], { stdio: ["ignore", "ignore", "pipe"], env: sandbox.env });
    const words: string[] = [];
    for await (const line of createInterface({ input: process.stderr })) {
      words.push(line);
      if (!line.startsWith("Server listening")) continue;
      process.stderr.resume();
      return { process, port };
    }
    // Somebody else took the port between our looking and sshd's.
    if (attempt === 5) throw new Error(`sshd did not start:\n${words.join("\n")}`);
  }
}

function configuration(folder: string, port: number, { env }: Sandbox): string {
  const variables = Object.entries(env).map(([name, value]) => `"${name}=${value}"`);
  return `ListenAddress 127.0.0.1
Port ${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 200
MaxSessions 200
LogLevel INFO
SetEnv ${variables.join(" ")}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
