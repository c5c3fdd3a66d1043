import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { batchScript, batchScriptForAny } from "../../src/agents/launchers/batch.ts";
import { powershellScript, powershellScriptForAny } from "../../src/agents/launchers/powershell.ts";
import { type Project, project } from "./project.ts";

const exec = promisify(execFile);
const HOSTILE = `we ird & 100% %PATH% !x! $HOME \`id\` $(id) 'single' "double" ’curly‘ ^a;b|c <d> ~ é 日本 -x`;

interface Launching extends Project {
  readonly out: string;
  readonly root: string;
  /** Makes a folder to work in, and the scripts for it. */
  // biome-ignore lint/suspicious/noExplicitAny: a document is looked at field by field
  launchers(name: string, ...more: string[]): Promise<any>;
  /** Runs a script with a stand-in for the editor on PATH; returns what that was given. */
  launch(script: string, ...args: string[]): Promise<{ args: string[]; id: string }>;
}

async function launching(rootName = "p"): Promise<Launching> {
  const all = await project();
  const { path: home } = all.sandbox;
  const [out, root, bin] = [join(home, "out"), join(home, rootName), join(home, "bin")];
  await mkdir(bin);
  const record = join(home, "record.json");
  const standIn = `#!${process.execPath}\nrequire("node:fs").writeFileSync(${JSON.stringify(record)}, JSON.stringify({ args: process.argv.slice(2), id: process.env.COORD_ID }));\n`;
  await writeFile(join(bin, "code"), standIn);
  await chmod(join(bin, "code"), 0o755);
  const env = { ...all.window.env, PATH: `${bin}${delimiter}${all.window.env.PATH}` };
  return {
    ...all,
    out,
    root,
    async launchers(name, ...more) {
      const workspace = join(home, name);
      await mkdir(workspace, { recursive: true });
      return all.local(
        "profiles",
        "launchers",
        "--workspace",
        workspace,
        "--count",
        "2",
        "--out",
        out,
        "--root",
        root,
        ...more,
      );
    },
    async launch(script, ...args) {
      await exec(join(out, script), args, { env, cwd: home });
      return JSON.parse(await readFile(record, "utf8"));
    },
  };
}

describe("profiles launchers", () => {
  test("writes three scripts for each agent and three for any, and the same the second time", async () => {
    const { launchers, out } = await launching();
    const names = ["Launch-Agent", "Launch-Agent-1", "Launch-Agent-2"].flatMap((name) => [
      `${name}.bat`,
      `${name}.ps1`,
      `${name}.sh`,
    ]);
    const changes = async () => (await launchers("w")).files.map(({ change }: { change: string }) => change);
    expect(new Set(await changes())).toEqual(new Set(["created"]));
    expect((await readdir(out)).sort()).toEqual(names.sort());
    expect(new Set(await changes())).toEqual(new Set(["unchanged"]));
    expect((await stat(join(out, "Launch-Agent-1.sh"))).mode & 0o111).toBe(0o111);
  });

  test("opens each window with a profile and an id of its own", async () => {
    const { launchers, launch, sandbox, root } = await launching();
    const { agents } = await launchers("w");
    const workspace = join(sandbox.path, "w");
    const first = await launch("Launch-Agent-1.sh");
    expect(first.args).toEqual(["--user-data-dir", join(root, "agent1"), "--new-window", workspace]);
    expect(first.id).toMatch(/^agent1-[0-9a-f]{6}$/);
    expect((await stat(join(root, "agent1"))).isDirectory()).toBe(true);
    const second = await launch("Launch-Agent-2.sh");
    expect(second.id).not.toBe(first.id);
    expect([first.id, second.id]).toEqual(agents.map(({ id }: { id: string }) => id));
    expect(await launch("Launch-Agent.sh", "2")).toEqual(second);
    expect((await launch("Launch-Agent.sh", "17")).args).toContain(join(root, "agent17"));
    await launchers("w", "--extensions-dir", join(sandbox.path, "e x"));
    expect((await launch("Launch-Agent-1.sh")).args).toContain(join(sandbox.path, "e x"));
  });

  test("has other ids for another folder: two fleets on one machine are not taken for each other", async () => {
    const { launchers } = await launching();
    const ids = async (name: string) => (await launchers(name)).agents.map(({ id }: { id: string }) => id);
    const [here, there] = [await ids("w"), await ids("v")];
    expect(here).not.toEqual(there);
    expect(await ids("w")).toEqual(here);
  });

  test("is safe with hostile names in sh: what the editor gets is what was meant", async () => {
    const { launchers, launch, sandbox, root } = await launching(`root ${HOSTILE.replaceAll("/", "")}`);
    await launchers(HOSTILE);
    const expected = ["--user-data-dir", join(root, "agent1"), "--new-window", join(sandbox.path, HOSTILE)];
    expect((await launch("Launch-Agent-1.sh")).args).toEqual(expected);
    expect((await launch("Launch-Agent.sh", "1")).args).toEqual(expected);
  });

  test("refuses a number that is none, and a folder that has gone", async () => {
    const { launchers, launch, sandbox, out } = await launching();
    await launchers("w");
    for (const number of ["", "0", "1; id", "-1", "a"]) {
      await expect(launch("Launch-Agent.sh", number)).rejects.toMatchObject({ code: 2 });
    }
    await exec("rm", ["-r", join(sandbox.path, "w")]);
    await expect(launch("Launch-Agent-1.sh")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("there is no folder"),
    });
    expect(await readdir(out)).toContain("Launch-Agent.sh");
  });

  test("gives each agent a worktree on a branch of its own, which knows the agent's id", async () => {
    const { local, out, root, window, launch } = await launching();
    const make = () =>
      local(
        "profiles",
        "launchers",
        "--workspace",
        window.path,
        "--count",
        "2",
        "--out",
        out,
        "--root",
        root,
        "--worktrees",
      );
    const { worktrees, agents } = await make();
    expect(worktrees).toMatchObject([
      { path: `${window.path}-agents/agent1`, branch: "agent1", created: true },
      { path: `${window.path}-agents/agent2`, branch: "agent2", created: true },
    ]);
    const first = window.in(worktrees[0].path);
    expect(await first.git("branch", "--show-current")).toBe("agent1");
    expect(await first.git("config", "coord.id")).toBe(agents[0].id);
    expect((await launch("Launch-Agent-1.sh")).args.at(-1)).toBe(worktrees[0].path);
    await first.git("switch", "--quiet", "-c", "feature");
    expect((await make()).worktrees).toMatchObject([{ created: false }, { created: false }]);
    expect(await first.git("branch", "--show-current")).toBe("feature");
    expect(await window.in(worktrees[1].path).git("config", "coord.id")).toBe(agents[1].id);
  });

  test("says so when there is no such folder, no commit to start from, or something in the way", async () => {
    const { local, window, sandbox, out } = await launching();
    expect(await local("profiles", "launchers", "--workspace", "nowhere", "--count", "1")).toMatchObject({
      exit: 2,
      code: "usage",
    });
    await mkdir(`${window.path}-agents/agent1`, { recursive: true });
    const worktrees = [
      "profiles",
      "launchers",
      "--workspace",
      window.path,
      "--count",
      "1",
      "--out",
      out,
      "--worktrees",
    ];
    expect(await local(...worktrees)).toMatchObject({ exit: 6, code: "environment" });
    await sandbox.git(sandbox.path, "init", "--quiet", "empty");
    const empty = ["profiles", "launchers", "--workspace", join(sandbox.path, "empty"), "--count", "1", "--worktrees"];
    expect(await local(...empty)).toMatchObject({ exit: 6, message: expect.stringContaining("worktree") });
  });
});

/** Names that Windows allows: no double quote, no `<`, `>`, `|`. */
const WINDOWS = `C:\\we ird & 100% %PATH% !x! $HOME \`id\` $(id) 'single' ’curly‘ ^a;b ~ é 日本`;
const agent = { number: 1, profile: `${WINDOWS}\\agent1`, workspace: WINDOWS, id: "agent1-abc123" };
const editor = { command: "code", extensions: `${WINDOWS}\\ext` };
const pattern = {
  profile: { before: `${WINDOWS}\\agent`, after: "" },
  workspace: { before: WINDOWS, after: null },
  id: { before: "agent", after: "-abc123" },
};

describe("the script for cmd", () => {
  const text = batchScript(agent, editor);
  const assignments = (script: string, number = "") =>
    Object.fromEntries(
      [...script.matchAll(/^set "(\w+)=([^\r\n]*)"\r$/gm)].map(([, name, value = ""]) => [
        name,
        value.replaceAll("%number%", number).replaceAll("%%", "%"),
      ]),
    );

  test("assigns exactly the names that were meant, and nothing is expanded in them", () => {
    expect(text.slice(0, text.indexOf("set "))).toMatch(
      /^@echo off\r\nrem .*\r\nsetlocal DisableDelayedExpansion\r\nchcp 65001 >nul\r\n$/,
    );
    expect(assignments(text)).toEqual({
      profile: agent.profile,
      workspace: WINDOWS,
      extensions: editor.extensions,
      COORD_ID: agent.id,
    });
    expect(assignments(batchScriptForAny(pattern, editor), "1")).toMatchObject({
      profile: agent.profile,
      workspace: WINDOWS,
      COORD_ID: agent.id,
    });
    const single = text.replaceAll("%%", "");
    for (const [, name] of single.matchAll(/%(\w+)%/g)) expect(["profile", "workspace", "extensions"]).toContain(name);
  });

  test("has names nowhere but in assignments, uses variables only between quotes, and ends lines as cmd wants it", () => {
    const rest = text.replace(/^set .*\r\n/gm, "");
    expect(rest).not.toMatch(/we ird|日本|\bid\b/);
    for (const line of rest.split("\r\n").filter((each) => /%\w+%/.test(each))) {
      // Between the quotes of an odd place the line is outside of them.
      line.split('"').forEach((part, index) => {
        if (index % 2 === 0) expect(part).not.toMatch(/%\w+%/);
      });
    }
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  });

  test.each(['a"b', "a\nb", "a\u0007b"])("does nothing at all for a name that Windows cannot have: %j", (name) => {
    const odd = batchScript({ ...agent, workspace: `C:\\${name}&calc` }, editor);
    expect(odd).not.toContain("calc");
    expect(odd).toContain("exit /b 1");
  });
});

describe("the script for PowerShell", () => {
  const text = powershellScript(agent, editor);
  const literal = (word: string) => word.slice(1, -1).replace(/(['\u2018\u2019\u201a\u201b])\1/g, "$1");
  /** A literal ends at the first quote that is not doubled, whichever of the five it is. */
  const LITERAL = /'(?:[^'\u2018\u2019\u201a\u201b]|(['\u2018\u2019\u201a\u201b])\1)*'/g;

  test("is UTF-8 with a mark, and says exactly the names that were meant", () => {
    expect(text.startsWith("\ufeff#")).toBe(true);
    const words = (text.match(LITERAL) ?? []).map(literal);
    for (const name of [agent.profile, WINDOWS, editor.extensions, agent.id]) expect(words).toContain(name);
    const anyWords = (powershellScriptForAny(pattern, editor).match(LITERAL) ?? []).map(literal);
    for (const name of [pattern.profile.before, WINDOWS, "agent", "-abc123"]) expect(anyWords).toContain(name);
  });

  test("has names nowhere but in literals", () => {
    expect(text.replace(LITERAL, "''")).not.toMatch(/we ird|日本|calc|%PATH%|\$HOME/);
    const odd = powershellScript({ ...agent, workspace: "a’; calc; ‘b' ; calc; 'c" }, editor);
    expect(odd.replace(LITERAL, "''")).not.toContain("calc");
  });

  test("does not pass a name through a batch file, which would read it again", () => {
    expect(text).toContain("-like '*.cmd'");
    expect(text).toMatch(/& \$found @\(.*\$workspace\)\r\n$/);
  });
});
