import { execFileSync } from "node:child_process";

/** What a program is started with, before its own name: it finds the disk in some state, and nobody else does. */
export type Prefix = readonly string[];

/** Files can be made, and nothing can be written into them: near enough to a disk that is full. */
export const onFullDisk: Prefix = ["sh", "-c", 'ulimit -f 0 && exec "$@"', "sh"];

/** In a namespace of its own, so that the mount ends with the program. */
export const whereReadOnly = (folder: string): Prefix => {
  const mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$PWD"';
  return ["unshare", "--map-root-user", "--mount", "sh", "-c", `${mount} && exec "$@"`, folder];
};

/** Whether this machine lets a test mount something. */
export const canMount = ((): boolean => {
  try {
    execFileSync("unshare", ["--map-root-user", "--mount", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
