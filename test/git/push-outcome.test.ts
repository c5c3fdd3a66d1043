import { describe, expect, test } from "vitest";
import { push } from "../../src/git/commands/push.ts";
import { judgePush } from "../../src/git/push-outcome.ts";
import type { GitResult } from "../../src/git/run.ts";

const REF = "refs/heads/coordination";
const row = (flag: string, summary: string, ref = REF) => `To somewhere\n${flag}\tabc:${ref}\t${summary}\nDone\n`;

function judge(
  stdout: string,
  exitCode: number | null,
  more: Partial<GitResult> = {},
  evidence = "may_have_sent" as const,
) {
  const report = push("r", "coordination", null, "abc", "refs/x").parse({
    exitCode,
    stdout,
    stderr: "",
    ended: "itself",
    ...more,
  });
  return judgePush(report, evidence).kind;
}

describe("what git's words about a push mean (DESIGN 6)", () => {
  test.each([
    ["a new branch", row("*", "[new branch]"), 0, "landed"],
    ["a step forward", row(" ", "111..222"), 0, "landed"],
    ["nothing to do", row("=", "[up to date]"), 0, "up_to_date"],
    ["a stale lease", row("!", "[rejected] (stale info)"), 1, "rejected"],
    ["a race seen before sending", row("!", "[rejected] (fetch first)"), 1, "rejected"],
    ["a hook's refusal", row("!", "[remote rejected] (pre-receive hook declined)"), 1, "remote_rejected"],
    ["a server that did not report", row("!", "[remote failure] (remote failed to report status)"), 1, "unknown"],
    ["a forced update, which a lease on the base cannot be", row("+", "111...222 (forced update)"), 0, "unknown"],
    ["a good row, but a failure", row(" ", "111..222"), 1, "unknown"],
    ["a good row, but a signal", row(" ", "111..222"), null, "unknown"],
    ["success, and no row at all", "", 0, "unknown"],
    ["success, and only Done", "Done\n", 0, "unknown"],
    ["the row of another branch", row(" ", "111..222", "refs/heads/x/refs/heads/coordination"), 0, "unknown"],
    ["Everything up-to-date", "Everything up-to-date\n", 1, "unknown"],
    ["nothing, and a failure", "", 128, "unknown"],
  ])("%s", (_, stdout, exitCode, kind) => {
    expect(judge(stdout, exitCode)).toBe(kind);
  });

  test("only a failure of git's own, with proof, is a push that was not sent", () => {
    const sent = (result: Partial<GitResult>, evidence: "never_sent" | "may_have_sent") => {
      const report = {
        result: { exitCode: 128, stdout: "", stderr: "fatal: x\n", ended: "itself", ...result },
        row: null,
      } as const;
      return judgePush(report, evidence);
    };
    expect(sent({}, "never_sent")).toEqual({ kind: "unsent", words: "fatal: x" });
    expect(sent({}, "may_have_sent")).toEqual({ kind: "unknown", words: "fatal: x" });
    expect(sent({ exitCode: 0 }, "never_sent").kind).toBe("unknown");
    expect(sent({ exitCode: null }, "never_sent").kind).toBe("unknown");
    expect(sent({ ended: "timeout", stderr: "" }, "never_sent")).toEqual({
      kind: "unknown",
      words: "no answer in time",
    });
    expect(sent({ ended: "aborted" }, "never_sent").kind).toBe("unknown");
  });

  test("the words are the row's reason and what the server said", () => {
    const stderr = "remote: GH006: Protected branch\n";
    const report = push("r", "coordination", null, "abc", "refs/x").parse({
      exitCode: 1,
      stdout: row("!", "[remote rejected] (hook declined)"),
      stderr,
      ended: "itself",
    });
    expect(judgePush(report, "may_have_sent")).toEqual({
      kind: "remote_rejected",
      words: "[remote rejected] (hook declined)\nremote: GH006: Protected branch",
    });
  });
});
