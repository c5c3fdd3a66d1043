import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { GitChainReader } from "../../src/git/chain-reader.ts";
import { createGit } from "../../src/git/run.ts";
import { historyAsItIs } from "../../src/git/shallow-history.ts";
import { FileVerifiedStore } from "../../src/git/verified-store.ts";
import type { VerifiedStore } from "../../src/history/verified.ts";
import { verify } from "../../src/history/verify.ts";
import type { Oid } from "../../src/ledger/ports.ts";
import { BOARD_FILE, BOARD_LIMIT } from "../../src/ledger/tip.ts";
import { built, PROGRAM } from "../cli/built.ts";
import { LongHistory, MINUTE } from "../history/support/long-history.ts";
import { hold, repair, stage, TAMPERINGS, type Tampering } from "../history/support/tamperings.ts";
import { openSandbox, type Sandbox } from "../support/sandbox.ts";
import { scale } from "./support/scale.ts";

/** Made by real operations: the requests of six orchestrators, decided and written by the ledger. */
const COMMITS = scale(300, 10_000);
const NOW = Date.now();

let sandbox: Sandbox;
let history: LongHistory;
let gitDir: string;
/** A copy of it with the server's hook. */
let server: string;

beforeAll(async () => {
  sandbox = await openSandbox();
  history = await LongHistory.begin(7, NOW - (COMMITS + 100) * 3 * MINUTE);
  await history.grow(COMMITS);
  await stage(history, NOW);
  gitDir = join(sandbox.path, "repo.git");
  await sandbox.git(sandbox.path, "init", "--quiet", "--bare", gitDir);
  await history.objects.moveTo(gitDir, { "refs/heads/coordination": history.tip.commit });
  server = join(sandbox.path, "server.git");
  await sandbox.git(sandbox.path, "clone", "--quiet", "--bare", gitDir, server);
  await built();
  await promisify(execFile)(process.execPath, [PROGRAM, "-C", server, "hooks", "install", "--server"]);
  return () => sandbox.dispose();
}, 600_000);

const storeAt = (path: string): VerifiedStore =>
  new FileVerifiedStore({ folder: { path }, endpoint: { key: "origin" }, branch: "coordination" });

async function verifyAt(tip: Oid, path: string, { full = false, now = NOW } = {}) {
  const git = createGit({ environment: sandbox.env });
  const reader = new GitChainReader({
    git,
    gitDir,
    history: historyAsItIs(gitDir),
    file: BOARD_FILE,
    limit: BOARD_LIMIT,
  });
  try {
    return await verify(reader, storeAt(path), tip, { now, full, lost: null });
  } finally {
    await reader.close();
  }
}

/** The forged commit, and what honest programs do after it. */
async function tampered(copy: LongHistory, { forge, after }: Tampering): Promise<Oid> {
  const good = copy.tip.text;
  const culprit = await forge(copy);
  if (after === "repair") {
    copy.commits.push(culprit);
    copy.tip = { ...copy.tip, commit: culprit, seq: copy.tip.seq + 1 };
    await copy.follow(await repair(copy, good));
  } else await copy.follow(culprit);
  await copy.ask("finn", { op: "acquire", resources: [{ kind: "lock", name: "calm" }], ttl: null, reason: null });
  await copy.ask("finn", { op: "unlock", resources: null });
  return culprit;
}

let verified: Promise<unknown> | undefined;

/** What a clone keeps that has verified the history before it was tampered with. */
async function verifiedBefore(path: string): Promise<void> {
  verified ??= verifyAt(history.tip.commit, join(sandbox.path, "before"));
  await verified;
  await cp(join(sandbox.path, "before"), path, { recursive: true });
}

const named = (findings: readonly { readonly commit: Oid; readonly code: string }[]) =>
  findings.map(({ commit, code }) => `${code} ${commit}`);

test(`a history of ${COMMITS} commits made by real operations is clean, and stays so without being read again`, async () => {
  const path = join(sandbox.path, "clean");
  const all = history.commits.length;
  expect(await verifyAt(history.tip.commit, path)).toMatchObject({
    commits: all,
    replayed: all,
    findings: [],
    edits: [],
  });
  expect(await verifyAt(history.tip.commit, path)).toMatchObject({ commits: all, replayed: 0, findings: [] });
}, 600_000);

describe("verify names the commit and the cause of", () => {
  test.each(TAMPERINGS)("$name", async (tampering) => {
    const copy = await history.fork();
    const culprit = await tampered(copy, tampering);
    await copy.objects.moveTo(gitDir, { "refs/heads/copy": copy.tip.commit });
    const path = join(sandbox.path, tampering.name.replaceAll(/\W/g, "-"));
    await verifiedBefore(path);

    const { findings, replayed } = await verifyAt(copy.tip.commit, path);
    expect(replayed).toBe(copy.commits.length - history.commits.length);
    expect(findings.map(({ commit }) => commit)).toEqual(findings.map(() => culprit));
    expect(findings.map(({ code }) => code)).toContain(tampering.code);
    // What was found once is not forgotten.
    expect((await verifyAt(copy.tip.commit, path)).findings).toEqual(findings);
  });
});

/** Pushes a branch of the copy as the coordination branch. */
async function pushed(branch: string): Promise<{ readonly ok: boolean; readonly words: string }> {
  const push = ["push", "--porcelain", server, `+refs/heads/${branch}:refs/heads/coordination`];
  return promisify(execFile)("git", push, { cwd: gitDir, env: sandbox.env }).then(
    ({ stderr }) => ({ ok: true, words: stderr }),
    (error: { stderr: string }) => ({ ok: false, words: error.stderr }),
  );
}

describe("the server's hook", () => {
  test.each(TAMPERINGS)("judges $name by its commit and cause", async (tampering) => {
    const copy = await history.fork();
    const culprit = await tampered(copy, tampering);
    await copy.objects.moveTo(gitDir, { "refs/heads/pushed": copy.tip.commit });
    const { ok, words } = await pushed("pushed");
    expect(ok, words).toBe(tampering.passes === true);
    const lines = words.split("\n").filter((line) => line.includes("commit "));
    expect(lines.filter((line) => !line.includes(culprit.slice(0, 12)))).toEqual([]);
    expect(words).toMatch(
      new RegExp(`${tampering.code}|${tampering.code === "weak_evidence" ? "takes lock:build" : "^$"}`),
    );
    await sandbox.git(server, "update-ref", "refs/heads/coordination", history.tip.commit);
  });

  test("takes what honest operations add, without a word", async () => {
    const copy = await history.fork();
    await copy.ask("finn", { op: "acquire", resources: [{ kind: "lock", name: "calm" }], ttl: null, reason: null });
    await copy.ask("eve", { op: "acquire", resources: [{ kind: "lock", name: "deploy" }], ttl: null, reason: null });
    await copy.ask("finn", { op: "unlock", resources: null });
    await copy.objects.moveTo(gitDir, { "refs/heads/honest": copy.tip.commit });
    expect(await pushed("honest")).toMatchObject({ ok: true, words: expect.not.stringContaining("git-coord") });
    await sandbox.git(server, "update-ref", "refs/heads/coordination", history.tip.commit);
  });

  test("refuses a rewritten tail", async () => {
    const copy = await history.fork(history.commits.at(-5));
    await copy.ask("finn", { op: "acquire", resources: [{ kind: "lock", name: "calm" }], ttl: null, reason: null });
    await copy.objects.moveTo(gitDir, { "refs/heads/forked": copy.tip.commit });
    expect(await pushed("forked")).toMatchObject({ ok: false, words: expect.stringContaining("only moves forward") });
  });
});

test("all of them in one history, from the root: each by its own commit, and no other", async () => {
  const copy = await history.fork();
  const culprits = new Map<Oid, string>();
  for (const tampering of TAMPERINGS) {
    await hold(copy);
    culprits.set(await tampered(copy, tampering), tampering.code);
  }
  await copy.objects.moveTo(gitDir, { "refs/heads/all": copy.tip.commit });
  const { findings, commits } = await verifyAt(copy.tip.commit, join(sandbox.path, "all"), { full: true });
  expect(commits).toBe(copy.commits.length);
  expect(new Set(findings.map(({ commit }) => commit))).toEqual(new Set(culprits.keys()));
  expect(named(findings)).toEqual(expect.arrayContaining([...culprits].map(([commit, code]) => `${code} ${commit}`)));
}, 600_000);

test("a rewritten tail: what was verified is not there, and everything is replayed", async () => {
  const copy = await history.fork(history.commits.at(-5));
  await copy.ask("finn", { op: "acquire", resources: [{ kind: "lock", name: "calm" }], ttl: null, reason: null });
  await copy.objects.moveTo(gitDir, { "refs/heads/rewritten": copy.tip.commit });
  const path = join(sandbox.path, "rewritten");
  await verifiedBefore(path);
  const { replayed, findings } = await verifyAt(copy.tip.commit, path);
  expect(replayed).toBe(copy.commits.length);
  expect(findings).toMatchObject([{ code: "rewritten", commit: history.tip.commit }]);
}, 600_000);
