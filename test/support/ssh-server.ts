import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { appendFile, chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { processesOf, until } from "./file-signal.ts";
import { makeBare, type RemoteServer } from "./remote-server.ts";
import type { Sandbox } from "./sandbox.ts";
import { findProgram } from "./server-program.ts";

const exec = promisify(execFile);

/** Its `env` has a command of the user's own for ssh. */
export interface SshServer extends RemoteServer {
  /** Instead of `env`: an `ssh` without a command of the user's own, and a runtime folder for sockets. */
  readonly plainEnv: Readonly<Record<string, string>>;
  /** Adds to what stands in the user's `~/.ssh/config`. */
  configure(lines: string): Promise<void>;
  /** For each exchange so far, the connection that it came over. */
  exchanges(): string[];
  /** Sockets of connections that clients keep open. */
  sockets(): string[];
}

/**
 * An `sshd` of the test's own on a loopback port, with keys of its own, for the user who runs the test.
 * @param settings further lines of its configuration, which come before ours
 */
export async function sshServer(sandbox: Sandbox, ...settings: readonly string[]): Promise<SshServer> {
  const sshd = await findProgram("sshd", ["/usr/sbin", "/usr/local/sbin"], "openssh-server");
  const path = await makeBare(sandbox);
  const folder = await mkdtemp(join(sandbox.path, "ssh-"));
  await makeKeys(folder);
  const exchanges = await noteExchanges(folder);
  const user = await userOf(folder, sandbox);
  const { process, port } = await start(sshd, folder, sandbox, settings);
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
    ...user,
    exchanges: () => readFileSync(exchanges, "utf8").trim().split("\n").filter(Boolean),
    stop,
  };
}

/** A user whose `ssh` knows the server, as ssh would by the files in their home folder, which no test may touch. */
async function userOf(
  folder: string,
  sandbox: Sandbox,
): Promise<Pick<SshServer, "plainEnv" | "configure" | "sockets">> {
  const programs = join(folder, "bin");
  const config = join(folder, "ssh_config");
  const ssh = await findProgram("ssh", [], "openssh-client");
  await mkdir(programs);
  await writeFile(join(programs, "ssh"), `#!/bin/sh\nexec ${ssh} -F ${config} "$@"\n`);
  await chmod(join(programs, "ssh"), 0o755);
  const lines = [
    `IdentityFile ${folder}/identity`,
    "IdentitiesOnly yes",
    "StrictHostKeyChecking no",
    `UserKnownHostsFile ${folder}/known`,
    "LogLevel ERROR",
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  // Not in the sandbox: a socket's path must be short.
  const runtime = await mkdtemp("/tmp/git-coord-ssh-");
  const place = join(runtime, "git-coord");
  const sockets = () => {
    try {
      return readdirSync(place).map((name) => join(place, name));
    } catch {
      return [];
    }
  };
  sandbox.defer(async () => {
    // One that hangs or is gone has been ended by its test.
    for (const socket of sockets()) await endConnection(socket).catch(() => {});
    await until("shared connections to end", async () => (await processesOf(place)).length === 0);
    await rm(runtime, { recursive: true });
  });
  return {
    plainEnv: { PATH: `${programs}:${sandbox.env.PATH}`, XDG_RUNTIME_DIR: runtime },
    configure: (more) => appendFile(config, `${more}\n`),
    sockets,
  };
}

/** The id of the process that keeps a connection open. */
export async function connectionProcess(socket: string): Promise<number> {
  const { stderr } = await exec("ssh", ["-F", "none", "-o", `ControlPath=${socket}`, "-O", "check", "nobody"]);
  return Number(/pid=(\d+)/.exec(stderr)?.[1]);
}

export async function endConnection(socket: string): Promise<void> {
  await exec("ssh", ["-F", "none", "-o", `ControlPath=${socket}`, "-O", "exit", "nobody"]);
}

/** Makes the program that sshd starts for each exchange. @returns the file that it writes to */
async function noteExchanges(folder: string): Promise<string> {
  const file = join(folder, "exchanges");
  const script = `#!/bin/sh\necho "$SSH_CONNECTION" >> ${file}\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n`;
  await writeFile(file, "");
  await writeFile(join(folder, "exchange"), script);
  await chmod(join(folder, "exchange"), 0o755);
  return file;
}

async function makeKeys(folder: string): Promise<void> {
  for (const name of ["host", "identity"]) {
    await exec("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", join(folder, name)]);
  }
  await copyFile(join(folder, "identity.pub"), join(folder, "authorized"));
}

async function start(
  sshd: string,
  folder: string,
  sandbox: Sandbox,
  settings: readonly string[],
): Promise<{ process: ChildProcess; port: number }> {
  // As root, sshd insists on this folder, which its package makes only when the service starts.
  if (userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const file = join(folder, "config");
    await writeFile(file, [...settings, configuration(folder, port, sandbox)].join("\n"));
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
ForceCommand ${folder}/exchange
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
