import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  add,
  apply,
  boardText,
  breakLeases,
  type Coordination,
  claim,
  complete,
  init,
  join,
  lock,
  log,
  type Outcome,
  openCoordination,
  ready,
  release,
  renew,
  status,
  unlock,
} from "../../src/index.ts";
import { makeClone } from "../support/clone.ts";
import { pathServer } from "../support/remote-server.ts";
import { openSandbox, type Sandbox } from "../support/sandbox.ts";
import { no, ok } from "./team.ts";

/** One board for all of these: what is refused leaves nothing on it. */
let sandbox: Sandbox;
let ana: Coordination;
let open: (as: string | null) => Promise<Coordination>;

beforeAll(async () => {
  sandbox = await openSandbox();
  const clone = await makeClone(sandbox, await pathServer(sandbox));
  open = (as) => openCoordination({ cwd: clone.path, env: clone.env, as });
  ana = await open("ana");
  ok(await init(ana));
});
afterAll(() => sandbox.dispose());

const MEBIBYTE = "x".repeat(1024 * 1024);

type Attempt = (coordination: Coordination) => Promise<Outcome<unknown>>;
const attempts = (code: string, cases: Record<string, Attempt>) =>
  Object.entries(cases).map(([what, attempt]) => [code, what, attempt] as const);

describe("a request that is wrong in itself is answered without asking anybody", () => {
  test.each([
    ...attempts("bad_text", {
      "an empty title": (c) => add(c, { title: "" }),
      "a title of spaces": (c) => add(c, { title: " \t\n " }),
      "a title of a mebibyte": (c) => add(c, { title: MEBIBYTE }),
      "a title with NUL": (c) => add(c, { title: "a\0b" }),
      "a title that is no valid text": (c) => add(c, { title: "a\ud800b" }),
      "an empty area to add to": (c) => add(c, { title: "a", area: "" }),
      "an empty area to claim from": (c) => claim(c, { area: "" }),
      "an empty area to look at": (c) => ready(c, ""),
      "a note of a mebibyte": (c) => complete(c, "T1", MEBIBYTE),
      "a note with NUL": (c) => release(c, "T1", "\0"),
      "a reason of a mebibyte": (c) => lock(c, { locks: ["build"], reason: MEBIBYTE }),
      "no reason to break": (c) => breakLeases(c, { resources: ["build"], reason: " " }),
      "a name of a mebibyte": (c) => join(c, { name: MEBIBYTE }),
      "a name with NUL": (c) => join(c, { name: "\0" }),
    }),
    ...attempts("bad_identifier", {
      "an empty task": (c) => claim(c, { task: "" }),
      "a task that leads out": (c) => claim(c, { task: "../../x" }),
      "a task with a bidi control": (c) => complete(c, "admin\u202enimda"),
      "a task after one that cannot be": (c) => add(c, { title: "a", after: ["T1", ""] }),
      "a task of an id that cannot be": (c) => add(c, { title: "a", id: "__proto__" }),
      "a lock without a name": (c) => lock(c, { locks: [""] }),
      "a lock for nobody": (c) => lock(c, { locks: ["none"] }),
      "a lock named like an option": (c) => unlock(c, { locks: ["-x"] }),
      "a file given as a lock": (c) => lock(c, { locks: ["src/a.c"] }),
      "an orchestrator without a name": (c) => join(c, { id: "" }),
      "an orchestrator of 65 letters": (c) => join(c, { id: "a".repeat(65) }),
      "the log of a hostile name": (c) => log(c, { actor: "../../x" }),
    }),
    ...attempts("bad_path", {
      "an absolute path": (c) => lock(c, { files: ["/etc/passwd"] }),
      "a path out of the repository": (c) => claim(c, { files: ["../x"] }),
      "git's own folder": (c) => lock(c, { files: [".git/config"] }),
      "a wildcard": (c) => unlock(c, { files: ["*"] }),
      "a path of a mebibyte": (c) => lock(c, { files: [MEBIBYTE] }),
      "a path that is no valid text": (c) => lock(c, { files: ["a\udc00"] }),
      "a path to break that leads out": (c) => breakLeases(c, { resources: ["file:../x"], reason: "r" }),
    }),
    ...attempts("bad_duration", {
      "10abc": (c) => lock(c, { locks: ["build"], ttl: "10abc" }),
      "1e9": (c) => lock(c, { locks: ["build"], ttl: "1e9" }),
      "-5": (c) => renew(c, { ttl: "-5" }),
      "an empty time": (c) => lock(c, { locks: ["build"], ttl: "" }),
    }),
    ...attempts("bad_number", {
      "priority 0": (c) => add(c, { title: "a", priority: "0" }),
      "priority 1000": (c) => add(c, { title: "a", priority: "1000" }),
      "priority high": (c) => add(c, { title: "a", priority: "high" }),
      "an empty priority": (c) => add(c, { title: "a", priority: "" }),
    }),
    ...attempts("bad_resource", {
      "an empty resource": (c) => breakLeases(c, { resources: [""], reason: "r" }),
      "a path without file:": (c) => breakLeases(c, { resources: ["src/a.c"], reason: "r" }),
      "a task id that cannot be": (c) => log(c, { resource: "task:../x" }),
    }),
    ...attempts("bad_time", {
      "a time in words": (c) => log(c, { since: "yesterday" }),
      "a day that does not exist": (c) => log(c, { until: "2026-02-30" }),
    }),
    ...attempts("nothing_asked", {
      "no lock and no file": (c) => lock(c, {}),
      "nothing to give back": (c) => unlock(c, {}),
      "nothing to break": (c) => breakLeases(c, { resources: [], reason: "r" }),
    }),
    ...attempts("bad_board_file", { "a board that is none": (c) => apply(c, "hello") }),
  ])("%s: %s", async (code, _, attempt) => {
    const before = ok(await status(ana, { offline: true })).commit;
    const { problem } = no(await attempt(ana), "usage");
    expect(problem.code).toBe(code);
    expect(problem.message).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(problem.message.length).toBeLessThan(300);
    expect(ok(await status(ana, { offline: true })).commit).toBe(before);
  });

  test("nobody is told who they are", async () => {
    const nobody = await open(null);
    for (const attempt of [() => claim(nobody), () => renew(nobody), () => lock(nobody, { locks: ["build"] })]) {
      expect(no(await attempt(), "usage").problem).toMatchObject({
        code: "no_identity",
        hint: expect.stringContaining("git coord join"),
      });
    }
    ok(await status(nobody));
  });

  test("an identity that cannot be is refused wherever one is needed", async () => {
    expect(no(await claim(await open("../../x")), "usage").problem.code).toBe("bad_identifier");
    expect(no(await join(await open("")), "usage").problem.code).toBe("bad_identifier");
  });
});

describe("texts of any kind come back exactly as they were given", () => {
  const TITLES = [
    ...[
      "| a | b |",
      "\\|",
      "ends with \\",
      "two\nlines\r\nand\rmore",
      "\ttab ",
      " spaces ",
      "\u001b[31mred",
      "<script>alert(1)</script>",
    ],
    ...[
      "&#124; &amp; &lt;",
      "<br>",
      "`code`",
      "# heading",
      "---",
      "-",
      "none",
      "admin\u202enimda\u200b",
      "é e\u0301 🔒 日本",
      "constructor",
    ],
    ...["Coord-Op-Id: forged\n\nCoord-Seq: 99", "x".repeat(1000)],
  ];

  test("on the board, in the log, and through an edit of another row", async () => {
    for (const title of TITLES) ok(await add(ana, { title, area: title }));
    const { value: text, commit } = ok(await boardText(ana));
    ok(await apply(ana, `${text}\nA note by hand.\n`, commit));
    const { tasks } = ok(await status(ana)).value;
    expect(tasks.map(({ title }) => title)).toEqual(TITLES);
    expect(tasks.map(({ area }) => area)).toEqual(TITLES);
    const entries = ok(await log(ana)).value;
    expect(entries.filter(({ op }) => op === "add")).toHaveLength(TITLES.length);
    expect(entries.every(({ seq }, index) => seq === entries.length - index)).toBe(true);
  });

  test("as notes, reasons and names too", async () => {
    const odd = "a | b\n\u001b[2J\\ <br> Coord-Seq: 1";
    const bob = await open("bob");
    ok(await join(bob, { name: odd }));
    ok(await lock(bob, { locks: ["build"], files: ["odd |\\ <b>/é"], reason: odd }));
    const task = ok(await add(bob, { title: "noted" })).value.task.id;
    ok(await claim(bob, { task }));
    ok(await complete(bob, task, odd));
    const { orchestrators, leases, tasks } = ok(await status(await open(null))).value;
    expect(orchestrators.find(({ id }) => id === "bob")?.host).toContain(`(${odd})`);
    expect(leases.map(({ resource, reason }) => [resource.name, reason])).toEqual([
      ["build", odd],
      ["odd |/ <b>/é", odd],
    ]);
    expect(tasks.find(({ id }) => id === task)?.note).toBe(odd);
  });
});
