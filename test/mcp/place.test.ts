import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { team } from "../cli/window.ts";
import { boardSeen } from "../support/board-seen.ts";
import { makeClone } from "../support/clone.ts";
import { connect } from "./client.ts";

const uri = (path: string) => pathToFileURL(path).href;

describe.each(["legacy", "auto"] as const)("the repository of a server, over the %s protocol,", (mode) => {
  test("comes from the client's roots", async () => {
    const { here, sandbox, server } = await team();
    const one = await connect(sandbox, {
      env: here.env,
      mode,
      roots: [uri(sandbox.path), uri(here.path), "file:///nowhere/%00"],
    });
    expect(await one.call("add_task", { title: "x" })).toMatchObject({ ok: true });
    expect((await one.client.readResource({ uri: "coord://board" })).contents).toMatchObject([
      { text: expect.stringContaining("T001") },
    ]);
    expect((await boardSeen(server)).tasks).toHaveLength(1);
  });

  test("is never the folder that it happens to be started in", async () => {
    const { here, sandbox, server } = await team();
    for (const roots of [undefined, [], [uri(sandbox.path)]] as const) {
      const one = await connect(sandbox, { env: here.env, mode, cwd: here.path, ...(roots ? { roots } : {}) });
      expect(await one.call("add_task", { title: "x" })).toMatchObject({
        ok: false,
        code: "usage",
        isError: true,
        message: expect.stringContaining("which repository?"),
      });
      expect(await one.call("coord_status")).toMatchObject({ next: "Tell the user: Start the server with -C FOLDER." });
      await expect(one.client.readResource({ uri: "coord://board" })).rejects.toThrow(
        /which repository\?[^{}"]*-C FOLDER/,
      );
    }
    expect((await boardSeen(server)).tasks).toEqual([]);
  });

  test("is not guessed among several", async () => {
    const { here, there, sandbox } = await team();
    const one = await connect(sandbox, { env: here.env, mode, roots: [uri(here.path), uri(there.path)] });
    expect(await one.call("coord_status")).toMatchObject({
      code: "usage",
      message: expect.stringContaining("2 of the client's roots"),
    });
  });

  test("is the one that several folders of it are in", async () => {
    const { here, sandbox } = await team();
    const packages = ["a", "b"].map((name) => join(here.path, name));
    for (const folder of packages) await mkdir(folder);
    const one = await connect(sandbox, { env: here.env, mode, roots: packages.map(uri) });
    expect(await one.call("coord_status")).toMatchObject({ ok: true });
  });

  test("may be named with -C, which roots do not change", async () => {
    const { here, sandbox, server } = await team();
    const stranger = await makeClone(sandbox, null);
    const one = await connect(sandbox, { env: here.env, mode, args: ["-C", here.path], roots: [uri(stranger.path)] });
    expect(await one.call("add_task", { title: "x" })).toMatchObject({ ok: true });
    expect((await boardSeen(server)).tasks).toHaveLength(1);
  });
});

test("what agents setup registers is a server that works, started as the tool does it", async () => {
  const { here, sandbox } = await team();
  expect((await here.run("agents", "setup", "claude", "roo")).exit).toBe(0);
  const [claude, roo] = await Promise.all(
    [".mcp.json", ".roo/mcp.json"].map(async (file) => {
      const { mcpServers } = JSON.parse(await readFile(join(here.path, file), "utf8"));
      return mcpServers["git-coord"] as { args: string[]; env?: Record<string, string> };
    }),
  );
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what Roo fills in
  const filled = roo?.args.map((word) => word.replace("${workspaceFolder}", here.path)) ?? [];
  const starts = [
    { args: claude?.args ?? [], cwd: here.path, env: here.env },
    { args: filled, cwd: sandbox.path, env: { ...here.env, ...roo?.env } },
  ];
  for (const { args, cwd, env } of starts) {
    expect(args[0]).toBe("mcp");
    const one = await connect(sandbox, { env, cwd, args: args.slice(1) });
    expect(await one.call("acquire_locks", { locks: [cwd.split("/").at(-1) ?? ""] })).toMatchObject({
      ok: true,
      id: expect.stringMatching(/^orch-/),
    });
  }
});

test("a folder that is no repository, and one without a board, are answered with what to do", async () => {
  const { here, sandbox } = await team();
  const nowhere = await connect(sandbox, { env: here.env, args: ["-C", sandbox.path] });
  expect(await nowhere.call("coord_status")).toMatchObject({ ok: false, code: "environment", isError: true });
  const { path } = await makeClone(sandbox, null);
  const fresh = await connect(sandbox, { env: here.env, args: ["-C", path] });
  expect(await fresh.call("claim_task")).toMatchObject({
    ok: false,
    code: "not_found",
    next: expect.stringMatching(/^Tell the user: .*git-?\s?coord init/),
  });
  await here.in(path).json("init");
  expect(await fresh.call("claim_task")).toMatchObject({ ok: false, code: "nothing_ready", isError: false });
});
