import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { COMMANDS } from "../../src/cli/command-word.ts";
import { built, PROGRAM } from "./built.ts";

/** The program, installed in a folder of its own, and what it keeps there. */
async function installed() {
  await built();
  const folder = await mkdtemp(join(tmpdir(), "git-coord-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const shipped = dirname(PROGRAM);
  await cp(shipped, folder, { recursive: true, filter: (path) => path !== join(shipped, "compiled") });
  const compiled = join(folder, "compiled");
  return {
    compiled,
    run: (...args: readonly string[]) =>
      promisify(execFile)(process.execPath, [join(folder, "git-coord.cjs"), ...args], { cwd: folder, timeout: 60_000 }),
    kept: async () => (await readdir(compiled).catch(() => [])).map((name) => name.replace(/^(\w+).*-/, "$1 ")),
    file: async () => join(compiled, (await readdir(compiled))[0] ?? ""),
  };
}

test("what V8 made of the program is kept for each command, and used by the next one", async () => {
  const { run, kept, file } = await installed();
  const { stdout } = await run("help", "claim");
  expect(await kept()).toEqual(["program other"]);
  const { mtimeMs } = await stat(await file());
  expect((await run("help", "claim")).stdout).toBe(stdout);
  expect((await stat(await file())).mtimeMs).toBe(mtimeMs);
  await run("status", "--help");
  expect((await kept()).sort()).toEqual(["program other", "program status"]);
});

test("of a command that failed nothing is kept", async () => {
  const { run, kept } = await installed();
  await expect(run("claim", "--no-such-option")).rejects.toMatchObject({ code: 2 });
  expect(await kept()).toEqual([]);
});

test.each([
  ["an empty file", () => Buffer.alloc(0)],
  ["half of it", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  [
    "one byte that is another",
    (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === bytes.length / 3 ? byte ^ 0xff : byte))),
  ],
  ["another program's", () => Buffer.from("what is this?")],
])("%s is not run, and replaced", async (_, damage) => {
  const { run, file } = await installed();
  const { stdout } = await run("help", "claim");
  const sound = await readFile(await file());
  await writeFile(await file(), damage(sound.subarray(0, sound.length - (sound.length % 6))));
  expect((await run("help", "claim")).stdout).toBe(stdout);
  expect((await readFile(await file())).length).toBeGreaterThan(sound.length / 1.5);
});

test("where the program's folder takes no files, nothing is kept and nothing is said", async () => {
  const { run, compiled } = await installed();
  await writeFile(compiled, "in the way");
  const { stdout, stderr } = await run("help", "claim");
  expect(stdout).toContain("Usage: git-coord claim");
  expect(stderr).toBe("");
  expect(await readFile(compiled, "utf8")).toBe("in the way");
});

test.each([
  ["the folder", "compiled", 0o777],
  ["the file", "", 0o666],
])("what others may write is not run: %s", async (_, place, mode) => {
  const { run, file, compiled } = await installed();
  await run("help", "claim");
  const planted = Buffer.from("planted by somebody else");
  const digest = createHash("sha1").update(planted).digest();
  await writeFile(await file(), Buffer.concat([digest, planted]));
  const before = process.umask(0);
  await chmod(place === "" ? await file() : compiled, mode).finally(() => process.umask(before));
  expect((await run("help", "claim")).stdout).toContain("Usage: git-coord claim");
  expect((await readFile(await file())).length).toBeGreaterThan(1000);
});

test("a word of the command line names no file, and a command that there is not is as any other", async () => {
  const { run, kept, compiled } = await installed();
  const outside = join(dirname(compiled), "precious");
  await writeFile(outside, "precious");
  for (const word of ["/../../precious", "..", "foo1", "foo2"]) await run("--version", word);
  expect(await readFile(outside, "utf8")).toBe("precious");
  expect(await kept()).toEqual(["program other"]);
});

test("every part of the program can be loaded, and every command is known by its name", async () => {
  await built();
  const folder = dirname(PROGRAM);
  const programs = ["git-coord.cjs", "warden.cjs", "maintain.cjs"];
  const parts = (await readdir(folder)).filter((name) => name.endsWith(".cjs") && !programs.includes(name));
  expect(parts.length).toBeGreaterThan(10);
  for (const part of parts) createRequire(import.meta.url)(join(folder, part));
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, "--help"]);
  const named = [...stdout.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name]) => name);
  // "help" is commander's.
  expect(named.filter((name) => name !== "help").sort()).toEqual([...COMMANDS].sort());
});
