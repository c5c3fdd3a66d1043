import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

/** How a signal reaches a process group on one kind of system. */
export type Delivery =
  | { readonly kind: "kill"; readonly target: number; readonly signal: NodeJS.Signals }
  | { readonly kind: "program"; readonly program: string; readonly args: readonly string[] }
  /** The system delivers it by itself, or has nothing of the kind. */
  | { readonly kind: "none" };

/**
 * On POSIX the command leads a group of its own, and a negative id means all of it. Windows has no groups and no
 * signals: `taskkill /t` asks a process and all below it to close, `/f` ends them; Ctrl-C reaches everything
 * on the console by itself.
 */
export function deliveryOf(platform: NodeJS.Platform, pid: number, signal: NodeJS.Signals): Delivery {
  if (platform !== "win32") return { kind: "kill", target: -pid, signal };
  const taskkill = (...force: string[]) =>
    ({ kind: "program", program: "taskkill", args: ["/pid", String(pid), "/t", ...force] }) as const;
  switch (signal) {
    case "SIGKILL":
      return taskkill("/f");
    case "SIGTERM":
    case "SIGHUP":
      return taskkill();
    default:
      return { kind: "none" };
  }
}

/** Sends a signal to all of a group. Whether anybody is left to get it, is for {@link isGroupAlive}. */
export function signalGroup(pid: number, signal: NodeJS.Signals, platform = process.platform): void {
  const delivery = deliveryOf(platform, pid, signal);
  if (delivery.kind === "program") {
    spawn(delivery.program, delivery.args, { stdio: "ignore", windowsHide: true }).on("error", () => {});
  }
  if (delivery.kind !== "kill") return;
  try {
    process.kill(delivery.target, delivery.signal);
  } catch {
    // Nobody is left.
  }
}

/** Whether anything of the group runs. What has ended and was not fetched by its parent does not count. */
export async function isGroupAlive(pid: number, platform = process.platform): Promise<boolean> {
  const target = platform === "win32" ? pid : -pid;
  try {
    process.kill(target, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return platform === "linux" ? hasLivingMember(pid) : true;
}

async function hasLivingMember(group: number): Promise<boolean> {
  const names = await readdir("/proc").catch(() => null);
  if (names === null) return true;
  const states = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
        // The name in brackets may hold anything; state, parent and group are the first fields after it.
        const [state, , itsGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return Number(itsGroup) === group && state !== undefined && !/[ZX]/.test(state);
      }),
  );
  return states.includes(true);
}
