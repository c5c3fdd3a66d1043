import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CommandEnd, Launcher, Limit, NotStarted, RunningCommand } from "../app/run.ts";
import { type Deadline, hasPassed, POLITE, readMonotonic } from "./deadline.ts";
import { isGroupAlive, signalGroup } from "./group.ts";
import type { Order } from "./warden.ts";

export interface LauncherSettings {
  readonly cwd: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Told of the command's group while it runs, so that signals can be passed on; null when it has ended. */
  readonly onGroup: (pass: ((signal: NodeJS.Signals) => void) | null) => void;
}

/** How long is waited for what was killed: a process in the middle of a system call ends a moment later. */
const DYING = 10_000;

/** Starts commands in process groups of their own. Its warden is started at once, while the locks are still asked for. */
export function makeLauncher({ cwd, environment, onGroup }: LauncherSettings): Launcher {
  const warden = new Warden();
  return {
    async start([program = "", ...args], added, limit) {
      // Node throws for an empty name, instead of not finding it.
      if (program === "") return notStarted(program, "ENOENT");
      await warden.ready();
      warden.order({ kind: "limit", ...limit });
      if (hasPassed(limit.end, { wall: Date.now(), monotonic: readMonotonic() })) return { kind: "too_late" };
      const child = spawn(program, args, {
        cwd,
        env: { ...environment, ...added },
        stdio: "inherit",
        // A session of its own, so that all of the command can be ended. On Windows it would get a window instead.
        detached: process.platform !== "win32",
      });
      const failure = await Promise.race([once(child, "spawn").then(() => null), startFailure(child)]);
      if (failure !== null || child.pid === undefined) return failure ?? notStarted(program, "ENOENT");
      warden.order({ kind: "watch", pid: child.pid });
      onGroup((signal) => signalGroup(child.pid as number, signal));
      return new GroupCommand(child, child.pid, warden, () => onGroup(null));
    },
    close: () => warden.dismiss(),
  };
}

async function startFailure(child: ChildProcess): Promise<NotStarted> {
  // Not `once`, which would reject.
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => child.once("error", resolve));
  return notStarted(child.spawnfile, error.code ?? "");
}

/** The exit codes of shells: 127 for what is not there, 126 for what cannot be run. */
function notStarted(program: string, code: string): NotStarted {
  const isMissing = code === "ENOENT";
  const message = isMissing ? `there is no command ${program || '""'}` : `${program} cannot be run (${code})`;
  return { kind: "not_started", exitCode: isMissing ? 127 : 126, message };
}

class GroupCommand implements RunningCommand {
  readonly kind = "running";
  readonly ended: Promise<CommandEnd>;
  #kill: Deadline = { wall: Infinity, monotonic: Infinity };

  constructor(
    child: ChildProcess,
    private readonly pid: number,
    private readonly warden: Warden,
    private readonly onEnded: () => void,
  ) {
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  }

  limit(limit: Limit): void {
    this.#kill = limit.kill;
    this.warden.order({ kind: "limit", ...limit });
  }

  async stop(): Promise<void> {
    signalGroup(this.pid, "SIGTERM");
    signalGroup(this.pid, "SIGCONT");
    const asked = readMonotonic();
    const isOver = () => {
      const now = { wall: Date.now(), monotonic: readMonotonic() };
      return now.monotonic - asked >= POLITE || hasPassed(this.#kill, now);
    };
    while ((await isGroupAlive(this.pid)) && !isOver()) await pause(20);
    for (
      const end = readMonotonic() + DYING;
      (await isGroupAlive(this.pid)) && readMonotonic() < end;
      await pause(20)
    ) {
      signalGroup(this.pid, "SIGKILL");
    }
    await this.ended;
    this.onEnded();
  }

  async settled(): Promise<void> {
    if (await isGroupAlive(this.pid)) await this.stop();
    this.onEnded();
  }
}

/** The process that ends the command's group should this one not be able to: see warden.ts. */
class Warden {
  #process: ChildProcess;
  #ready: Promise<unknown>;
  readonly #orders = new Map<Order["kind"], Order>();
  #isDismissed = false;

  constructor() {
    this.#process = this.#start();
    this.#ready = this.#hearsReady();
  }

  async ready(): Promise<void> {
    await this.#ready;
  }

  order(order: Order): void {
    this.#orders.set(order.kind, order);
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  async dismiss(): Promise<void> {
    this.#isDismissed = true;
    this.order({ kind: "done" });
    this.#process.stdin?.end();
  }

  #start(): ChildProcess {
    const program = fileURLToPath(new URL("./warden.cjs", import.meta.url));
    const started = spawn(process.execPath, [program], {
      stdio: ["pipe", "pipe", "ignore"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    started.stdin?.on("error", () => {});
    started.on("error", () => {});
    started.once("exit", () => {
      // Somebody has killed it: another one takes over with the same orders.
      if (this.#isDismissed) return;
      this.#process = this.#start();
      for (const order of this.#orders.values()) this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
    });
    started.unref();
    return started;
  }

  #hearsReady(): Promise<unknown> {
    const { stdout } = this.#process;
    return stdout ? Promise.race([once(stdout, "data"), once(this.#process, "exit")]) : Promise.resolve();
  }
}
