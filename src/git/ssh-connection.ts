import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Duration } from "../domain/instant.ts";
import { namesIn, removeFile } from "./atomic-file.ts";
import { privateSocketFolder, takesSockets } from "./socket-folder.ts";
import type { SshTarget } from "./ssh-address.ts";
import {
  type Apart,
  hasOwnCommand,
  isSocketOf,
  readSshSettings,
  type Surroundings,
  sharingOptions,
  socketName,
  type Wish,
  wishToShare,
} from "./ssh-sharing.ts";

export type Sharing =
  | { readonly kind: "apart"; readonly why: Apart }
  /** `socket` is for ssh, with its `%C`. */
  | { readonly kind: "shared"; readonly socket: string };

/** What git's environment needs for ssh. */
export type Variables = Readonly<Record<string, string>>;

/** Milliseconds that ssh gets to tell its settings, which may run a program of the user's (`Match exec`). */
const ASKING: Duration = 3000;
/** Milliseconds that the process of a connection gets to take note. */
const STOPPING: Duration = 1000;

/**
 * How git's ssh connects: never asking, and over a connection that is open already, where that is safe. The connection
 * is a process of ssh's own, which the first exchange starts and which ends when nobody has used it for a minute.
 */
export class SshConnection {
  readonly #environment: Readonly<Record<string, string>>;
  /** For a git whose ssh, if it starts one, connects for itself. */
  readonly alone: Variables;
  readonly #wish: Wish;
  #objection: Promise<Apart | null> | null = null;
  #isTrusted = true;

  constructor(surroundings: Omit<Surroundings, "platform">) {
    this.#environment = surroundings.environment;
    this.alone = hasOwnCommand(surroundings.environment, surroundings.config) ? {} : sshCommand([]);
    this.#wish = wishToShare({ ...surroundings, platform: process.platform });
  }

  /** For a git that talks to the remote, over the shared connection if there may be one. */
  async shared(): Promise<Variables> {
    const sharing = this.#isTrusted ? await this.sharing() : null;
    return sharing?.kind === "shared" ? sshCommand(sharingOptions(sharing.socket)) : this.alone;
  }

  /** The folder is looked at each time: somebody may have cleared it away. */
  async sharing(): Promise<Sharing> {
    if (this.#wish.kind === "apart") return this.#wish;
    const { key, target } = this.#wish;
    const folder = privateSocketFolder(this.#environment);
    if (folder === null) return { kind: "apart", why: "no_folder" };
    // A connection that is there was opened by one of us who had asked.
    if (socketsOf(key, folder).length === 0) {
      this.#objection ??= this.#ask(target, folder);
      const why = await this.#objection;
      if (why !== null) return { kind: "apart", why };
    }
    return { kind: "shared", socket: `${folder}/${socketName(key)}` };
  }

  /**
   * To be told what came of each exchange. After one without an answer the connection is not used again, by anybody:
   * it may hang. And the next exchange goes by one of its own: whatever may be wrong with sharing, the remote can be
   * reached without it.
   */
  async answered(isAnswer: boolean): Promise<void> {
    this.#isTrusted = isAnswer;
    if (isAnswer || this.#wish.kind === "apart") return;
    const { key } = this.#wish;
    const folder = privateSocketFolder(this.#environment);
    if (folder !== null) await Promise.all(socketsOf(key, folder).map((socket) => this.#retire(socket)));
  }

  /** Lets those who are using a connection finish, and nobody begin. */
  async #retire(socket: string): Promise<void> {
    const stopped = await this.#ssh(STOPPING, "-F", "none", "-o", `ControlPath=${socket}`, "-O", "stop", "nobody");
    // Its process hangs or has been killed. What is left of it ends when its connection does.
    if (stopped === null) removeFile(socket);
  }

  /** What speaks against it after all: null when nothing does. */
  async #ask({ destination, port }: SshTarget, folder: string): Promise<Apart | null> {
    const settings = await this.#ssh(ASKING, "-G", ...(port === null ? [] : ["-p", port]), destination);
    if (settings === null) return "not_openssh";
    return readSshSettings(settings) ?? ((await takesSockets(folder)) ? null : "no_folder");
  }

  /** What ssh printed; null when it failed or did not answer in time. */
  async #ssh(timeout: Duration, ...args: readonly string[]): Promise<string | null> {
    const options = { env: this.#environment, timeout, killSignal: "SIGKILL" } as const;
    return promisify(execFile)("ssh", args, options).then(
      ({ stdout }) => stdout,
      () => null,
    );
  }
}

/** ssh asks on the terminal, past git, unless it is told not to. */
function sshCommand(options: readonly string[]): Variables {
  return { GIT_SSH_COMMAND: ["ssh", "BatchMode=yes", ...options].join(" -o ") };
}

function socketsOf(key: string, folder: string): string[] {
  return namesIn(folder)
    .filter((name) => isSocketOf(key, name))
    .map((name) => `${folder}/${name}`);
}
