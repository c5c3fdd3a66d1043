import { describe, expect, test } from "vitest";
import { readEvidence } from "../../src/git/push-trace.ts";

const event = (kind: string, sid: string, more: object = {}) => JSON.stringify({ event: kind, sid, ...more });
const started = event("start", "git", { argv: ["git", "push"] });
const ended = event("exit", "git", { code: 128 });
const packs = event("child_start", "git", { argv: ["git", "pack-objects", "--stdout"] });

describe("what the trace of a push proves", () => {
  test.each([
    ["from start to end without a pack", [started, ended], "never_sent"],
    [
      "a connection, but no pack",
      [started, event("child_start", "git", { argv: ["ssh", "host"] }), ended],
      "never_sent",
    ],
    ["a pack", [started, packs, ended], "may_have_sent"],
    [
      "a pack made by a helper's helper",
      [started, packs.replace('"git"', '"git/http/send-pack"'), ended],
      "may_have_sent",
    ],
    ["no trace", [], "may_have_sent"],
    ["no end: it was killed", [started], "may_have_sent"],
    ["only the end of a helper", [started, event("exit", "git/ssh")], "may_have_sent"],
    ["no beginning", [ended], "may_have_sent"],
    ["a line that is cut off", [started, packs.slice(0, 40), ended], "may_have_sent"],
    ["a line that is no event", [started, "null", ended], "may_have_sent"],
  ])("%s", (_, lines, evidence) => {
    expect(readEvidence(lines.map((line) => `${line}\n`).join(""))).toBe(evidence);
  });
});
