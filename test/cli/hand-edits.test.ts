import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { PROGRAM } from "./built.ts";
import { worktreeOf } from "./by-hand.ts";
import { hold, strangers, team, type Window } from "./window.ts";

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe("a board of the original system", () => {
  test("is taken over as it is: tasks, locks, prose and unknown sections", async () => {
    const { here, there } = await strangers();
    const original = await readFile(fixture("original-in-use.md"), "utf8");
    expect(await here.json("init", "--from", fixture("original-in-use.md"))).toMatchObject({ ok: true, created: true });
    const { board } = await there.json("status");
    expect(
      board.tasks.map(({ id, title, state, claimedBy }: Record<string, string>) => [id, title, state, claimedBy]),
    ).toEqual([
      ["T003", "Fix physics", "queued", null],
      ["T004", "World data | tiles", "queued", null],
      ["T001", "Build engine", "in_progress", "orch-1430-7842"],
      ["T002", "Write docs", "in_progress", "orch-1430-5931"],
    ]);
    expect(board.leases).toMatchObject([
      { resource: "lock:build", holder: "orch-1430-7842", expires: "2026-01-21T14:40:00Z" },
      { resource: "task:T001", since: "2026-01-21T14:30:00Z" },
      { resource: "task:T002" },
      { resource: "file:src/physics/collision.cpp", since: "2026-01-21T14:32:00Z", expires: "2026-01-21T14:37:00Z" },
    ]);
    expect((await there.json("board")).board).toBe(original);
  });

  test("goes on where it stopped: what its crashed orchestrators left can be taken, and the rest stays as it was", async () => {
    const { here, there } = await strangers();
    const original = await readFile(fixture("original-in-use.md"), "utf8");
    await here.json("init", "--from", fixture("original-in-use.md"));
    const bob = there.with({ COORD_ID: "bob" });
    expect((await bob.json("ready")).tasks.map(({ id }: { id: string }) => id)).toEqual([
      "T004",
      "T001",
      "T003",
      "T002",
    ]);
    expect(await bob.json("lock", "build", "-f", "src/physics/")).toMatchObject({ ok: true });
    // Whoever takes one thing of the dead frees all that they held.
    const [entry] = (await bob.json("log", "-n", "1")).entries;
    expect(entry.evidence).toMatchObject([
      { kind: "clock", resource: "lock:build", holder: "orch-1430-7842" },
      { kind: "clock", resource: "orchestrator:orch-1430-7842", holder: "orch-1430-7842" },
    ]);
    expect(await bob.json("claim", "T1")).toMatchObject({
      ok: true,
      task: { title: "Build engine", claimedBy: "bob" },
    });
    await bob.json("done", "T1");
    const after: string = (await here.json("board")).board;
    const rules = original.slice(original.indexOf("## 📝 House rules"));
    expect(after).toContain(rules.trimEnd());
    expect(after).toContain("- Stale locks (>5 min) can be broken\n");
    expect(after).toContain(original.split("\n").find((line) => line.includes("Fix physics")));
    expect(after).toContain("> All orchestrators read and write this file. Keep it short.");
  });

  test("may be the empty template; a second board is refused and the first one stays", async () => {
    const { here, there } = await strangers();
    const [template, inUse] = [fixture("original-template.txt"), fixture("original-in-use.md")];
    expect(await here.json("init", "--from", template)).toMatchObject({ ok: true });
    const ana = here.with({ COORD_ID: "ana" });
    expect(await there.json("init", "--from", template)).toMatchObject({ ok: true, created: false });
    expect(await ana.json("claim", "--next")).toMatchObject({ ok: true, task: { title: "[Task description]" } });
    const answer = await there.json("init", "--from", inUse);
    expect(answer).toMatchObject({
      code: "held",
      exit: 3,
      resource: null,
      holder: null,
      ready: [],
      hint: expect.any(String),
    });
    expect((await there.json("status")).board.orchestrators).toMatchObject([{ id: "ana" }]);
  });

  test("that is no board is refused, and no branch is made", async () => {
    const { here } = await strangers();
    const notes = join(here.path, "notes.md");
    await writeFile(notes, "# Notes\n\nNothing to see.\n");
    expect(await here.json("init", "--from", "notes.md")).toMatchObject({ code: "usage", problem: "bad_board_file" });
    expect(await here.json("status")).toMatchObject({ code: "not_found" });
  });
});

describe("a hand edit that was pushed with plain git", () => {
  test("is understood by the next command, and prose, sections and columns of its own survive", async () => {
    const scene = await team();
    const { ana } = scene;
    await ana.json("add", "first");
    const byHand = await worktreeOf(scene);
    const text = (await byHand.read())
      .replace(
        "| ID | Priority | Task | Area | Claimed By | After |\n|----|",
        "| ID | Priority | Task | Area | Claimed By | After | Mood |\n|----|",
      )
      .replace(
        "|------------|-------|\n| T001 | 3 | first | - | - | - |",
        "|------------|-------|---|\n| T001 | 3 | first | - | - | - | 😀 |\n| T9 | 1 | by hand | docs | - | T1 | 🤔 |",
      )
      .replace(
        "## 🔐 File Locks",
        "Please be **gentle**.\n\n## Retrospective\n\n| Good | Bad |\n|:--|--:|\n| x | y |\n\n## 🔐 File Locks",
      );
    await byHand.push(text, "Maria adds a task");
    expect(await ana.json("claim", "--next")).toMatchObject({ ok: true, task: { id: "T001" } });
    await ana.json("done", "T1");
    expect(await ana.json("claim", "--next")).toMatchObject({
      ok: true,
      task: { id: "T9", title: "by hand", area: "docs" },
    });
    expect(await ana.json("release", "T9")).toMatchObject({ ok: true });
    const after: string = (await ana.json("board")).board;
    expect(after).toContain("Please be **gentle**.\n\n## Retrospective\n\n| Good | Bad |\n|:--|--:|\n| x | y |\n");
    expect(after).toContain("| Mood |");
    expect((await ana.json("add", "next")).task.id).toBe("T010");
    const { entries } = await ana.json("log");
    expect(entries).toContainEqual(
      expect.objectContaining({ op: "manual", actor: "Test", subject: "Maria adds a task" }),
    );
  });

  test("may write none, or nothing, for a setting: that is read, as is what earlier boards have there, and stays as it is", async () => {
    const scene = await team();
    const { ana } = scene;
    const byHand = await worktreeOf(scene);
    const fresh = await byHand.read();
    expect(fresh).toContain("| Push budget | none |\n");
    for (const [budget, trust] of [
      ["-", "none"],
      ["&#x6E;one", "&#x6E;one"],
      ["", "None"],
    ]) {
      const text = (await byHand.read())
        .replace(/(?<=\| Push budget \|).*(?=\|)/, ` ${budget} `)
        .replace(/(?<=\| Clock trust \|).*(?=\|)/, ` ${trust} `)
        .replace(/(?<=\| Lock time \|).*(?=\|)/, " - ");
      await byHand.push(text, "settings by hand");
      expect((await ana.json("settings")).settings).toMatchObject({
        "Push budget": "none",
        "Clock trust": "none",
        "Lock time": "10m",
      });
      expect((await ana.json("status")).board.settings).toMatchObject({ "Push budget": "none", "Clock trust": "none" });
      expect(await ana.json("settings", "Push budget", "none")).toMatchObject({ ok: true });
      expect(await ana.json("lock", "gpu")).toMatchObject({ ok: true });
      expect(await ana.json("unlock", "gpu")).toMatchObject({ ok: true });
      const rows = (all: string) => all.slice(all.indexOf("| Setting |"));
      expect(rows(await byHand.read())).toBe(rows(text));
    }
    expect(await ana.json("verify")).toMatchObject({ ok: true });
  });

  test("frees the lock of a crashed orchestrator, which learns it at once", async () => {
    const scene = await team();
    const { ana, bob } = scene;
    await hold(ana, { locks: ["build"] });
    const byHand = await worktreeOf(scene);
    const board = await byHand.read();
    const freed = board
      .replace(/\| \*\*Locked By\*\* \| ana \|/, "| **Locked By** | none |")
      .replace(/\| \*\*(Locked At|Expires|Fence)\*\* \| [^|]+ \|/g, "| **$1** | - |");
    await byHand.push(freed, "ana crashed");
    expect(await ana.json("renew")).toMatchObject({ code: "lost", exit: 5, resource: "lock:build", holder: null });
    expect(await bob.json("lock", "build")).toMatchObject({ ok: true });
  });
});

/** The terminal with an editor that runs this shell script; the file is `$1`. */
async function withEditor(window: Window, script: string): Promise<Window> {
  const path = join(window.path, "..", `editor-${Math.random().toString(36).slice(2)}.sh`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return window.with({ EDITOR: path, TMPDIR: join(window.path, "..") });
}

const keptPath = (stderr: string) => /kept in (\S+\.md)/.exec(stderr)?.[1] ?? "";

describe("edit", () => {
  test("lands what the editor left, as the git user's; nothing when nothing was changed", async () => {
    const { here, ana } = await team();
    await ana.json("add", "a task");
    const editing = await withEditor(here, `sed -i.orig 's/a task/a better task/' "$1"`);
    expect(await editing.json("edit")).toMatchObject({
      ok: true,
      changes: [{ change: "changed", what: "task", name: "T001" }],
    });
    expect((await here.json("log", "-n", "1")).entries).toMatchObject([{ op: "edit", actor: "Test" }]);
    expect(await editing.run("edit")).toEqual({ exit: 0, stdout: "no change\n", stderr: "" });
    expect((await readdir(editing.env.TMPDIR ?? "")).filter((name) => name.startsWith("git-coord-"))).toEqual([]);
  });

  test("keeps the text and says where, when it cannot be used or the board moved on", async () => {
    const { here, ana, bob } = await team();
    await hold(ana, { locks: ["build"] });
    const broken = await (await withEditor(here, `echo '| x |' > "$1"`)).run("edit");
    expect(broken).toMatchObject({ exit: 2, stdout: "" });
    expect(await readFile(keptPath(broken.stderr), "utf8")).toBe("| x |\n");

    const lock = `COORD_ID=bob '${process.execPath}' '${PROGRAM}' -C '${bob.path}' lock gpu >/dev/null`;
    const stale = await (await withEditor(here, `${lock} && echo >> "$1"`)).run("edit");
    expect(stale).toMatchObject({ exit: 3, stdout: "", stderr: expect.stringContaining("lock:gpu bob added") });
    const [, path = "", base = ""] = /git coord apply (\S+) --base ([0-9a-f]{40})/.exec(stale.stderr) ?? [];
    expect(await here.json("apply", path, "--base", base)).toMatchObject({ code: "held", exit: 3 });
    expect((await here.json("status")).board.leases).toHaveLength(2);
  });

  test("changes nothing when the editor fails, and says so", async () => {
    const { here } = await team();
    const failed = await (await withEditor(here, "exit 3")).json("edit");
    expect(failed).toMatchObject({
      ok: false,
      exit: 1,
      message: expect.stringMatching(/^the editor .* ended with 3; nothing was changed$/),
    });
    expect(failed.hint).toContain("EDITOR");
  });
});

describe("apply", () => {
  test("lands a file or standard input, checked", async () => {
    const { here, ana } = await team();
    await ana.json("add", "a task");
    const { board, commit } = await here.json("board");
    await writeFile(join(here.path, "board.md"), board.replace("a task", "better"));
    expect(await here.json("apply", "board.md", "--base", commit)).toMatchObject({
      ok: true,
      changes: [{ what: "task", name: "T001" }],
    });
    const fed = await here.feed(`${board.replace("a task", "better")}\nA note.\n`, "apply", "-");
    expect(fed).toEqual({ exit: 0, stdout: expect.stringMatching(/^changed text /), stderr: "" });
    expect((await here.feed("\xff", "apply", "-")).exit).toBe(2);
    expect((await here.feed(new Uint8Array([0xff]), "apply", "-")).stderr).toContain("not UTF-8");
  });

  test("of a board that others have changed since is refused, and nothing is lost", async () => {
    const { here, bob } = await team();
    const { board } = await here.json("board");
    await writeFile(join(here.path, "board.md"), `${board}\nA note.\n`);
    await bob.json("add", "bob's task");
    const stale = await here.json("apply", "board.md");
    expect(stale).toMatchObject({
      code: "held",
      exit: 3,
      changes: [{ change: "added", what: "task", name: "T001" }],
      hint: expect.stringContaining("git coord board"),
    });
    expect((await here.json("board")).board).toContain("bob's task");
  });
});
