import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { refusePushes } from "../support/remote-server.ts";
import { PROGRAM } from "./built.ts";
import { type Ran, team } from "./window.ts";

const TITLE = "a | b \\| \\\nnext\tline \u001b[31mred\u001b[0m <script>&#124;</script> admin\u202enimda\u200b é";
const SHOWN =
  "a | b \\| \\\\u{a}next\\u{9}line \\u{1b}[31mred\\u{1b}[0m <script>&#124;</script> admin\\u{202e}nimda\\u{200b} é";

/** Nothing that could steer a terminal, colours included. */
function expectPlain({ stdout, stderr }: Ran): void {
  expect(stdout + stderr).not.toMatch(/[^\n\P{Cc}]|[\u200b\u202e]/u);
}

test("what the board says is escaped for a terminal, and exact in JSON", async () => {
  const { ana, bob, here } = await team();
  const added = await ana.run("add", TITLE);
  expect(added).toMatchObject({ exit: 0, stdout: `T001  P3  -  ${SHOWN}\n`, stderr: "" });
  const claimed = await ana.run("claim", "T1", "-f", "odd\u202epath", "--lock", "gpu");
  expect(claimed.stdout).toContain(`T001 is yours (fence 3): ${SHOWN}\n`);
  const status = await here.run("status");
  expect(status.stdout).toContain(SHOWN);
  expect(status.stdout).toContain("file:odd\\u{202e}path");
  const log = await here.run("log");
  const refused = await bob.run("lock", "-f", "odd\u202epath");
  expect(refused.stderr).toContain("file:odd\\u{202e}path is held by ana");
  for (const ran of [added, claimed, status, log, refused]) expectPlain(ran);

  const json = await here.run("status", "--json");
  expectPlain(json);
  expect(JSON.parse(json.stdout).board.tasks[0].title).toBe(TITLE);
});

test("data goes to standard output, what to do next to standard error", async () => {
  const { ana } = await team();
  await ana.run("add", "a task");
  expect(await ana.run("ready")).toEqual({ exit: 0, stdout: "T001  P3  -  a task\n", stderr: "" });
  const claimed = await ana.run("claim", "--next");
  expect(claimed.stdout).toMatch(
    /^T001 is yours \(fence 3\): a task\n {2}task:T001 {2}until \d\d:\d\d:\d\dZ \(14m\d\ds left\)\n$/,
  );
  expect(claimed.stderr).toContain("`git coord done T001`");
  expect(await ana.run("ready")).toEqual({ exit: 0, stdout: "", stderr: "nothing is ready\n" });
  expect(await ana.run("done", "T1")).toMatchObject({ exit: 0, stdout: "T001 is done\n" });
});

test("a refusal says what, who, since when, until when, and what to do instead", async () => {
  const { ana, bob } = await team();
  await ana.run("add", "one");
  await ana.run("add", "two");
  await ana.run("claim", "T1", "-f", "src/");
  const { exit, stdout, stderr } = await bob.run("lock", "-f", "src/a.c");
  expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
  expect(stderr).toMatch(
    /^git-coord: file:src\/a\.c is held by ana through file:src\/ since \d{4}-\S+Z until \d\d:\d\d:\d\dZ \(4m\d\ds left\)\nhint: .*`git coord claim T002`\.\n$/,
  );
  const broken = await bob.run("break", "t01", "--reason", "old");
  expect(broken.stderr).toMatch(/^git-coord: task:t01 is held by ana since /);
  const lost = await bob.run("unlock", "-f", "src/");
  expect(lost).toMatchObject({ exit: 5, stdout: "" });
  expect(lost.stderr).toMatch(/you do not hold file:src\/.*ana holds it until.*\nhint: .*git coord status/);
});

test("what the server says is shown, escaped", async () => {
  const { ana, server } = await team();
  await refusePushes(server, "policy: \u001b[31mask Maria\u001b[0m");
  const refused = await ana.run("lock", "build");
  expect(refused).toMatchObject({ exit: 6, stdout: "" });
  expect(refused.stderr).toContain("remote: policy: \\u{1b}[31mask Maria\\u{1b}[0m");
  expectPlain(refused);
});

test("help and version are data, and need no repository", async () => {
  const { here, sandbox } = await team();
  const nowhere = here.in(sandbox.path);
  const help = await nowhere.run("--help");
  expect(help).toMatchObject({ exit: 0, stderr: "" });
  for (const command of "init join leave add ready claim done release lock unlock renew break status board edit apply settings log doctor".split(
    " ",
  )) {
    expect(help.stdout).toContain(`\n  ${command} `);
  }
  expect((await nowhere.run("lock", "--help")).stdout).toContain("--ttl");
  expect(await nowhere.run("--version")).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test("COORD_ID=$(git coord join) gives a shell an id of its own", async () => {
  const { here, sandbox } = await team();
  const bin = join(sandbox.path, "bin");
  await mkdir(bin);
  await symlink(PROGRAM, join(bin, "git-coord"));
  const script = 'COORD_ID=$(git coord join) && export COORD_ID && git coord lock build >/dev/null && echo "$COORD_ID"';
  const env = { ...here.env, PATH: `${bin}:${here.env.PATH}` };
  const { stdout } = await promisify(execFile)("sh", ["-c", script], { cwd: here.path, env });
  expect(stdout).toMatch(/^orch-\d{4}-\d{4}\n$/);
  expect((await here.json("status")).board.leases).toMatchObject([{ resource: "lock:build", holder: stdout.trim() }]);
});
