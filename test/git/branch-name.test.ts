import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { isBranchName } from "../../src/git/branch-name.ts";

const NAMES =
  `coordination|team/a|-x|a..b|x.lock|x.lock/y|@{|a@b|a@{1}|HEAD|heads/HEAD| a|a b|a~1|a^|a:b|a?|a*|a[b|a\\b|/a|a/|a//b|.a|a/.b|a.|a./b|ä|日本|a\u007f|a\tb|refs/heads/x`.split(
    "|",
  );

test.each(NAMES)("%j is judged as git does", async (name) => {
  const accepted = await promisify(execFile)("git", ["check-ref-format", "--branch", name]).then(
    ({ stdout }) => stdout.trimEnd() === name,
    () => false,
  );
  expect(isBranchName(name)).toBe(accepted);
});

test("an empty name, the short form of HEAD, and one too long for a file name, are refused", () => {
  expect(isBranchName("")).toBe(false);
  expect(isBranchName("@")).toBe(false);
  expect(isBranchName("a".repeat(201))).toBe(false);
});
