import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { deliveryOf, isGroupAlive, signalGroup } from "../../src/process/group.ts";
import { until } from "../support/file-signal.ts";

describe("a signal for a whole command", () => {
  test.each(["linux", "darwin", "freebsd"] as const)("goes to its process group on %s", (platform) => {
    expect(deliveryOf(platform, 42, "SIGTERM")).toEqual({ kind: "kill", target: -42, signal: "SIGTERM" });
    expect(deliveryOf(platform, 42, "SIGUSR1")).toEqual({ kind: "kill", target: -42, signal: "SIGUSR1" });
  });

  test("asks or ends the tree below it on Windows, where there are no groups", () => {
    const taskkill = (...force: string[]) => ({
      kind: "program",
      program: "taskkill",
      args: ["/pid", "42", "/t", ...force],
    });
    expect(deliveryOf("win32", 42, "SIGTERM")).toEqual(taskkill());
    expect(deliveryOf("win32", 42, "SIGHUP")).toEqual(taskkill());
    expect(deliveryOf("win32", 42, "SIGKILL")).toEqual(taskkill("/f"));
  });

  test.each(["SIGINT", "SIGCONT", "SIGWINCH"] as const)(
    "that Windows delivers by itself or lacks is not sent: %s",
    (signal) => {
      expect(deliveryOf("win32", 42, signal)).toEqual({ kind: "none" });
    },
  );

  test("reaches what the command has started, and then nothing of the group runs", async () => {
    const child = spawn("sh", ["-c", "sleep 600 & echo started; wait"], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const pid = child.pid as number;
    onTestFinished(() => signalGroup(pid, "SIGKILL"));
    await once(child.stdout, "data");
    expect(await isGroupAlive(pid)).toBe(true);
    signalGroup(pid, "SIGTERM");
    await until("the group to end", async () => !(await isGroupAlive(pid)));
    signalGroup(pid, "SIGTERM");
  });
});
