import { createHash } from "node:crypto";
import { type Config, readBoolean } from "./config.ts";
import type { Endpoint } from "./endpoint.ts";
import { type SshTarget, sshTargetOf } from "./ssh-address.ts";

/** Why each exchange with the remote has a connection of its own. */
export type Apart =
  /** The remote is not reached by ssh. */
  | "not_ssh"
  /** `coord.sshSharing` is false. */
  | "off"
  /** `coord.sshSharing` is neither true nor false. */
  | "bad_setting"
  /** The user says how ssh is started, or that it is not OpenSSH's. */
  | "own_command"
  /** No OpenSSH there shares connections. */
  | "windows"
  /** Fetches and pushes go to different hosts. */
  | "two_hosts"
  /** There is no safe place for the socket: private, with a short path, and on a file system that takes sockets. */
  | "no_folder"
  /** The `ssh` that is installed does not tell its settings: it is not OpenSSH's, or is broken. */
  | "not_openssh"
  /** The user's ssh settings say themselves how connections to this host are shared. */
  | "own_rules";

/** What can be said before the system is asked: whether a connection may be shared, and who shares it. */
export type Wish =
  | { readonly kind: "apart"; readonly why: Apart }
  | { readonly kind: "share"; readonly target: SshTarget; readonly key: string };

export interface Surroundings {
  readonly endpoint: Endpoint;
  readonly config: Config;
  /** Absolute: the folder that the worktrees of the clone have in common. */
  readonly commonDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly platform: NodeJS.Platform;
}

/** Seconds for which a connection that nobody uses stays open. */
export const PERSIST = 60;

export function wishToShare({ endpoint, config, commonDir, environment, platform }: Surroundings): Wish {
  const apart = (why: Apart): Wish => ({ kind: "apart", why });
  const target = sshTargetOf(endpoint, config);
  if (target === "none") return apart("not_ssh");
  if (hasOwnCommand(environment, config) || !isOpenSsh(environment, config)) return apart("own_command");
  const wanted = readBoolean(config.get("coord.sshSharing") ?? "true");
  if (wanted !== true) return apart(wanted === false ? "off" : "bad_setting");
  if (platform === "win32") return apart("windows");
  if (target === "several") return apart("two_hosts");
  return { kind: "share", target, key: keyOf(target, commonDir, environment) };
}

/** Whether the user says how ssh is started. Then it is theirs: nothing is added to it. */
export function hasOwnCommand(environment: Readonly<Record<string, string>>, config: Config): boolean {
  return Boolean(environment.GIT_SSH_COMMAND ?? environment.GIT_SSH ?? config.get("core.sshCommand"));
}

function isOpenSsh(environment: Readonly<Record<string, string>>, config: Config): boolean {
  return ["auto", "ssh"].includes(environment.GIT_SSH_VARIANT ?? config.get("ssh.variant") ?? "auto");
}

/**
 * What must be the same for two processes to share a connection, beside what ssh itself tells apart (`%C`: user, host
 * and port). Two aliases of one host may stand for two keys, and another agent is another person's.
 */
function keyOf(target: SshTarget, commonDir: string, { SSH_AUTH_SOCK = "" }: Readonly<Record<string, string>>): string {
  const who = JSON.stringify([target.destination, target.port, commonDir, SSH_AUTH_SOCK]);
  return createHash("sha256").update(who).digest("hex").slice(0, 10);
}

/** The name of the socket for ssh, which puts 40 hexadecimal digits for `%C`. */
export const socketName = (key: string): string => `${key}-%C`;

/** Whether a file in the folder is a socket by that key. Not one that ssh is still making: that has a longer name. */
export const isSocketOf = (key: string, name: string): boolean => new RegExp(`^${key}-[0-9a-f]{40}$`).test(name);

/** A socket's name, a stroke before it, and the dot with 16 letters that ssh adds while it makes the socket. */
const NAME_LENGTH = 1 + socketName("0123456789").length - "%C".length + 40 + 17;

/**
 * Folders in which a socket may be, the best first: in the user's own runtime folder, or in one for temporary files.
 * Only those whose path is short enough for the name of a socket, and needs no quotes in a command.
 */
export function foldersForSockets(
  { XDG_RUNTIME_DIR, TMPDIR }: Readonly<Record<string, string>>,
  uid: number,
  platform: NodeJS.Platform,
): string[] {
  // `sun_path` of the system, with the zero at its end.
  const longest = (platform === "linux" ? 108 : 104) - 1 - NAME_LENGTH;
  const runtime = XDG_RUNTIME_DIR ? [`${XDG_RUNTIME_DIR.replace(/\/+$/, "")}/git-coord`] : [];
  const temporary = [TMPDIR, "/tmp"].flatMap((each) => (each ? [`${each.replace(/\/+$/, "")}/git-coord-${uid}`] : []));
  return [...runtime, ...temporary].filter((path) => path.length <= longest && /^\/[A-Za-z0-9_./-]+$/.test(path));
}

/** Options with which an ssh uses the connection that is there, or opens it for the others. */
export function sharingOptions(socket: string): string[] {
  return [
    "ControlMaster=auto",
    `ControlPath=${socket}`,
    `ControlPersist=${PERSIST}`,
    // A connection whose network has gone must end by itself, before anybody who uses it gives up: within 20 seconds.
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    // Ports that the user's settings forward would be taken for as long as the connection stays open.
    "ClearAllForwardings=yes",
  ];
}

/** What `ssh -G` says about connections to a host: null when they may be shared as we like. */
export function readSshSettings(text: string): Extract<Apart, "not_openssh" | "own_rules"> | null {
  const settings = new Map(text.split("\n").map((line) => line.trim().split(/ (.*)/s) as [string, string]));
  const master = settings.get("controlmaster");
  if (master === undefined) return "not_openssh";
  return /^(false|no)$/.test(master) && !settings.has("controlpath") ? null : "own_rules";
}
