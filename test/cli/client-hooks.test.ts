import { rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { commit, does, git, refuses, stage } from "./guarded.ts";
import { preparedTeam, type Team, type Window } from "./window.ts";

let scene: Team;
let ana: Window;
let bob: Window;
const HELD = "src/held.c is held by bob";

/** Ana's clone has the hooks and a published history; bob holds src/held.c. */
const prepared = preparedTeam(async ({ ana, bob }) => {
  await commit(ana, { "src/held.c": "1\n", "src/free.c": "1\n" }, "both files");
  await does(ana, "push", "--quiet", "origin", "main");
  expect(await ana.run("hooks", "install")).toMatchObject({ exit: 0 });
  expect(await bob.json("lock", "-f", "src/held.c")).toMatchObject({ ok: true });
  await ana.run("status");
});

beforeEach(async () => {
  scene = await prepared();
  ({ ana, bob } = scene);
});

describe("a commit that touches what somebody else holds is refused:", () => {
  test("plain, amended, partial and renamed; free work passes and says who made it", async () => {
    await stage(ana, { "src/free.c": "2\n" });
    await does(ana, "commit", "-m", "free work");
    expect(await does(ana, "log", "-1", "--format=%(trailers:key=Coord-Id,valueonly)")).toBe("ana");

    await stage(ana, { "src/held.c": "2\n" });
    await refuses(ana, HELD, "commit", "-m", "work on a held file");
    await refuses(ana, HELD, "commit", "--amend", "--no-edit");
    await stage(ana, { "src/other.c": "1\n" });
    await does(ana, "commit", "-m", "only the other", "--", "src/other.c");
    await refuses(ana, HELD, "commit", "-m", "only the held one", "--", "src/held.c");
    await does(ana, "reset", "--quiet", "--hard");
    await does(ana, "mv", "src/held.c", "src/renamed.c");
    await refuses(ana, HELD, "commit", "-m", "renamed away");
    await does(ana, "reset", "--quiet", "--hard");
    await does(ana, "rm", "--quiet", "src/held.c");
    await refuses(ana, HELD, "commit", "-m", "deleted");
    await does(ana, "reset", "--quiet", "--hard");
    await rm(join(ana.path, "src"), { recursive: true });
    await stage(ana, { src: "a file where the folder was\n" });
    await refuses(ana, HELD, "commit", "--all", "-m", "the folder replaced");
  });

  test("a message given up stays given up; an amended one has one id, that of who amends", async () => {
    await stage(ana, { "src/free.c": "2\n" });
    const editing = (editor: string) => ana.with({ GIT_EDITOR: editor });
    expect((await git(editing("true"), "commit")).exit).toBe(1);
    await does(editing("sh -c 'echo subject > $1' -"), "commit");
    expect(await does(ana, "log", "-1", "--format=%B")).toBe("subject\n\nCoord-Id: ana");
    await does(ana.with({ COORD_ID: "finn" }), "commit", "--amend", "--no-edit");
    expect(await does(ana, "log", "-1", "--format=%B")).toBe("subject\n\nCoord-Id: finn");
    await does(ana.with({ COORD_ID: "" }), "commit", "--allow-empty", "-m", "by a person");
    expect(await does(ana, "log", "-1", "--format=%B")).toBe("by a person");
  });

  test("a line of dashes in the message hides nobody", async () => {
    await does(ana, "commit", "--allow-empty", "-m", "subject", "-m", "---\nafter the dashes");
    expect(await does(ana, "log", "-1", "--format=%(trailers:key=Coord-Id,valueonly)")).toBe("ana");
  });

  test("a merge of others' work passes, and one that makes its own change to a held file does not", async () => {
    await does(ana, "switch", "--quiet", "-c", "theirs");
    await commit(ana.with({ COORD_ID: "bob" }), { "src/held.c": "theirs\n" }, "bob's own work");
    await does(ana, "switch", "--quiet", "main");
    await commit(ana, { "src/free.c": "mine\n" }, "ana's work");
    await does(ana, "merge", "--quiet", "--no-edit", "theirs");
    expect(await does(ana, "log", "-1", "--format=%P")).toContain(" ");
    await does(ana, "push", "--quiet", "origin", "main");

    await does(ana, "reset", "--quiet", "--hard", "HEAD^");
    await does(ana, "merge", "--quiet", "--no-commit", "theirs");
    await stage(ana, { "src/held.c": "slipped in\n" });
    await refuses(ana, HELD, "commit", "--no-edit");
  });
});

describe("a push that carries such a commit is refused:", () => {
  test("rebased and cherry-picked, first and forced, several branches, tags; deleting a branch passes", async () => {
    await does(ana, "switch", "--quiet", "-c", "work");
    await commit(ana, { "src/held.c": "2\n" }, "past the hooks");
    await refuses(ana, HELD, "push", "origin", "work");
    await does(ana, "tag", "v1");
    await refuses(ana, HELD, "push", "origin", "v1");
    await does(ana, "tag", "-m", "annotated", "v2");
    await refuses(ana, HELD, "push", "origin", "v2");

    await does(ana, "switch", "--quiet", "-c", "picked", "main");
    await does(ana, "cherry-pick", "work");
    await refuses(ana, HELD, "push", "origin", "picked");
    await does(ana, "switch", "--quiet", "main");
    await commit(ana, { "src/free.c": "3\n" }, "main moved on");
    await does(ana, "switch", "--quiet", "work");
    await does(ana, "rebase", "--quiet", "main");
    await refuses(ana, HELD, "push", "origin", "main", "work");
    await does(ana, "push", "--quiet", "origin", "main");

    await does(ana, "commit", "--quiet", "--no-verify", "--allow-empty", "--amend", "-m", "amended");
    await refuses(ana, HELD, "push", "--force", "origin", "work:main");
    await commit(ana, { "src/held.c": "1\n" }, "taken back, but it is in the push");
    await refuses(ana, HELD, "push", "origin", "work");
    await does(ana, "push", "--quiet", "origin", "main:gone");
    await does(ana, "push", "--quiet", "origin", ":gone");

    expect(await bob.json("unlock", "--all")).toMatchObject({ ok: true });
    await does(ana, "push", "--quiet", "origin", "main", "work", "v1", "v2");
  });

  test("also when what is pushed is named with blanks", async () => {
    await does(ana, "switch", "--quiet", "-c", "work");
    await commit(ana, { "src/held.c": "2\n" }, "past the hooks");
    await refuses(ana, HELD, "push", "origin", ":/past the hooks:refs/heads/new");
    await refuses(ana, HELD, "push", "origin", "HEAD@{0 seconds ago}:refs/heads/new");
  });

  test("but what the remote has already is not its fault, also when the push names the remote's URL", async () => {
    await does(ana, "fetch", "--quiet", "origin");
    await commit(ana, { "src/free.c": "2\n" }, "free work");
    await does(ana, "push", "--quiet", scene.server.path, "HEAD:refs/heads/new");
    await commit(ana, { "src/held.c": "2\n" }, "past the hooks");
    await refuses(ana, HELD, "push", scene.server.path, "HEAD:refs/heads/newer");
  });

  test("also the first push of all, to a remote that has no code yet", async () => {
    await scene.sandbox.git(scene.server.path, "update-ref", "-d", "refs/heads/main");
    await does(ana, "update-ref", "-d", "refs/remotes/origin/main");
    await refuses(ana, HELD, "push", "origin", "main");
  });

  test("and one under a fence that was lost", async () => {
    const { seq } = await ana.json("lock", "build");
    await commit(ana, { "src/free.c": "4\n" }, "built under the lock");
    const running = ana.with({ COORD_FENCE: String(seq) });
    await bob.json("break", "build", "--force", "--reason", "ana is gone");
    await refuses(running, `the fence ${seq} of COORD_FENCE is not current`, "push", "origin", "main");
    expect(await ana.json("fence", "check", "build", String(seq))).toMatchObject({ code: "lost", current: false });
    const again = await ana.json("lock", "build");
    expect(await ana.json("fence", "check", "build", String(again.seq))).toMatchObject({ ok: true, current: true });
    await does(ana.with({ COORD_FENCE: String(again.seq) }), "push", "--quiet", "origin", "main");
  });

  test("and a hand-made push to the coordination branch that does not replay; an honest hand edit passes", async () => {
    await does(ana, "fetch", "--quiet", "origin", "coordination");
    await does(ana, "switch", "--quiet", "--detach", "FETCH_HEAD");
    const board = await does(ana, "show", "HEAD:master_coordination.md");
    const honest = await does(ana, "log", "-1", "--format=%B");
    await commit(
      ana,
      { "master_coordination.md": `${board}\n\nForged.\n` },
      honest.replace(/Op-Id: ..../, "Op-Id: evil"),
    );
    await refuses(ana, "other_board", "push", "origin", "HEAD:coordination");
    await refuses(ana, "only moves forward", "push", "--force", "origin", "HEAD~2:coordination");
    await refuses(ana, "cannot be deleted", "push", "origin", ":coordination");
    await does(ana, "reset", "--quiet", "--hard", "HEAD^");
    await commit(ana, { "master_coordination.md": `${board}\n\nBe kind.\n` }, "A word to all");
    await does(ana, "push", "--quiet", "origin", "HEAD:coordination");
  });
});

describe("people without an identity", () => {
  test("are warned, and stopped only where the board says so", async () => {
    const person = ana.with({ COORD_ID: "" });
    await stage(person, { "src/held.c": "2\n" });
    const ran = await git(person, "commit", "-m", "a person's work");
    expect(ran).toMatchObject({ exit: 0, stderr: expect.stringContaining(`note: ${HELD}`) });

    expect(await bob.json("settings", "Require identity", "yes")).toMatchObject({ ok: true });
    await ana.run("status");
    await stage(person, { "src/free.c": "2\n" });
    await refuses(person, "wants to know who commits", "commit", "-m", "nobody's work");
    await does(ana, "commit", "-m", "ana's work");
  });
});

describe("when the board cannot be read", () => {
  test("the last known one counts while the remote is away, however old it is", async () => {
    await scene.sandbox.git(ana.path, "remote", "set-url", "origin", "/nowhere");
    await rm(join(ana.path, ".git/coord/seen"), { recursive: true });
    await stage(ana, { "src/held.c": "2\n" });
    await refuses(ana, HELD, "commit", "-m", "offline");
    await does(ana, "reset", "--quiet", "--hard");
    await does(ana, "commit", "--allow-empty", "-m", "offline");
  });

  test("an old one is refreshed first", async () => {
    await bob.json("unlock", "--all");
    await stage(ana, { "src/held.c": "2\n" });
    await refuses(ana, HELD, "commit", "-m", "goes by the board seen last");
    await rm(join(ana.path, ".git/coord/seen"), { recursive: true });
    await does(ana, "commit", "-m", "asks the remote");
  });

  test("the commit passes with a word, or is refused where coord.whenUnsure says so", async () => {
    await rm(join(ana.path, ".git/coord/repo.git"), { recursive: true });
    await scene.sandbox.git(ana.path, "remote", "set-url", "origin", "/nowhere");
    const ran = await git(ana, "commit", "--allow-empty", "-m", "nobody knows");
    expect(ran).toMatchObject({ exit: 0, stderr: expect.stringContaining("no board was ever seen") });
    await does(ana, "config", "coord.whenUnsure", "refuse");
    await refuses(ana, "no board was ever seen", "commit", "--allow-empty", "-m", "nobody knows");
  });

  test("nothing is said where there is no board at all", async () => {
    await scene.sandbox.git(scene.server.path, "update-ref", "-d", "refs/heads/coordination");
    await rm(join(ana.path, ".git/coord/repo.git"), { recursive: true });
    expect(await git(ana, "commit", "--allow-empty", "-m", "alone")).toMatchObject({ exit: 0, stderr: "" });
  });
});
