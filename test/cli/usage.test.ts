import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../support/sandbox.ts";
import { sceneIn, type Window } from "./window.ts";

/** One board for all of these: what is wrong in itself leaves nothing on it. */
let sandbox: Sandbox;
let ana: Window;

beforeAll(async () => {
  sandbox = await openSandbox();
  const { here } = await sceneIn(sandbox);
  ana = here.with({ COORD_ID: "ana" });
  expect(await ana.json("init")).toMatchObject({ ok: true });
  await writeFile(join(ana.path, "latin1.md"), Buffer.from("# Caf\xe9\n\n## Task Queue\n", "latin1"));
});
afterAll(() => sandbox.dispose());

describe("a request that is wrong in itself ends with 2, says so as one document, and gives a hint", () => {
  test.each([
    ["no command", [], "name a command"],
    ["an unknown command", ["clam"], "unknown command 'clam'"],
    ["an unknown option", ["claim", "--frob"], "--frob"],
    ["an option without its value", ["lock", "build", "--ttl"], "--ttl"],
    ["a missing argument", ["done"], "task"],
    ["too many arguments", ["leave", "T1"], "too many arguments"],
    ["two ways at once", ["claim", "T1", "--next"], "not both"],
    ["a break without a reason", ["break", "build"], "--reason"],
    ["a count that is none", ["log", "-n", "0"], "whole number"],
    ["an empty id", ["claim", "--as", ""], '""'],
    ["an id that leads out", ["join", "--id", "../../x"], "../../x"],
    ["an id that looks otherwise than it is", ["join", "--id", "admin\u202enimda"], "admin\\u{202e}nimda"],
    ["a time that is none", ["lock", "build", "--ttl", "10abc"], "10abc"],
    ["a title of 100 KiB", ["add", "x".repeat(100 * 1024)], "102400"],
    ["a branch like an option", ["status", "--branch", "-x"], "-x"],
    ["a remote like an option", ["status", "--remote=--upload-pack=x"], "dash"],
    ["a remote that runs a program", ["status", "--remote", "ext::sh -c id"], "helper"],
    ["a folder that is not there", ["-C", "nowhere", "status"], "nowhere"],
    ["a board file that is not there", ["apply", "nowhere.md"], "nowhere.md"],
    ["a board file that is a folder", ["init", "--from", ""], "cannot be read"],
    ["a board file that is not UTF-8", ["apply", "latin1.md"], "not UTF-8"],
    ["a base that nobody has seen", ["apply", "latin1.md", "--base", "HEAD"], ""],
  ])("%s", async (_, args, words) => {
    const answer = await ana.json(...args);
    expect(answer).toMatchObject({ ok: false, code: "usage", exit: 2, hint: expect.any(String) });
    expect(answer.message).toContain(words);
  });

  test("without --json nothing is on standard output", async () => {
    const { exit, stdout, stderr } = await ana.run("lock", "build", "--ttl", "1e9");
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toMatch(/^git-coord: "1e9" is no duration\nhint: .*10m.*\n$/);
  });

  test("and nothing of all that has reached the board", async () => {
    expect((await ana.json("log")).entries).toHaveLength(1);
  });
});

describe("words that could be taken for an option", () => {
  test("are arguments after --, --json included", async () => {
    const { exit, stdout } = await ana.run("leave", "--", "--json");
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
  });
});
