import { describe, expect, test } from "vitest";
import { readEvidence } from "../../src/git/push-trace.ts";

const line = (words: string) => `14:30:00.000000 run-command.c:655       trace: ${words}\n`;
const begins = line("built-in: git push --porcelain");
const connects = line("run_command: unset GIT_PREFIX; ssh host 'git-receive-pack'");
const packs = line("run_command: git pack-objects --all-progress-implied --revs --stdout");

describe("what the trace of a push proves", () => {
  test.each([
    ["a connection, but no pack", [begins, connects], "never_sent"],
    ["a pack", [begins, connects, packs], "may_have_sent"],
    ["a pack made by a helper", [begins, connects, packs.replace("git pack-objects", "pack-objects")], "may_have_sent"],
    ["a pack in words of another git", [begins, connects, line("start: pack-objects")], "may_have_sent"],
    ["no trace", [], "may_have_sent"],
    ["no start of any process: it may not tell of them", [begins], "may_have_sent"],
    ["a line that is cut off", [begins, connects, packs.slice(0, 40)], "may_have_sent"],
  ])("%s", (_, lines, evidence) => {
    expect(readEvidence(lines.join(""))).toBe(evidence);
  });
});
