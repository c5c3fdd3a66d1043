import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { timelineHtml } from "../../src/cli/render/timeline/html.ts";
import { timelineSvg } from "../../src/cli/render/timeline/svg.ts";
import { lock, type Resource } from "../../src/domain/resource.ts";
import { GitChainReader } from "../../src/git/chain-reader.ts";
import { createGit } from "../../src/git/run.ts";
import { historyAsItIs } from "../../src/git/shallow-history.ts";
import { FileVerifiedStore } from "../../src/git/verified-store.ts";
import { makeReport } from "../../src/history/report.ts";
import { readTimeline } from "../../src/history/timeline.ts";
import { verify } from "../../src/history/verify.ts";
import { BOARD_FILE, BOARD_LIMIT } from "../../src/ledger/tip.ts";
import { built, PROGRAM } from "../cli/built.ts";
import { LongHistory, MINUTE, SECOND } from "../history/support/long-history.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";

const BUILD = lock("build");

const take = (history: LongHistory, id: string, ...resources: Resource[]) =>
  history.ask(id, { op: "acquire", resources, ttl: null, reason: null });
const standInLine = (history: LongHistory, id: string, ...resources: Resource[]) =>
  history.ask(id, { op: "wait", resources, until: history.now + 20 * MINUTE });

/** Bob waits and gets it, cleo waits and gives up, dora's turn passes unused, and finn takes all that was ana's. */
async function waits(start: number): Promise<LongHistory> {
  const history = await LongHistory.begin(1, start);
  await take(history, "ana", BUILD);
  await standInLine(history, "bob", BUILD);
  history.now += MINUTE;
  await standInLine(history, "cleo", BUILD);
  await history.ask("ana", { op: "unlock", resources: null });
  history.now += 5 * SECOND;
  await take(history, "bob", BUILD);
  await history.ask("cleo", { op: "withdraw", resources: [BUILD] });
  await standInLine(history, "dora", BUILD);
  history.now += MINUTE;
  await history.ask("bob", { op: "unlock", resources: null });
  history.now += 2 * MINUTE;
  await take(history, "ana", BUILD, lock("docs"));
  history.now += 30 * MINUTE;
  await take(history, "finn", lock("docs"));
  return history;
}

/** Writes the chain into a bare repository, and opens it there. */
async function stored(sandbox: Sandbox, history: LongHistory) {
  const gitDir = join(sandbox.path, "repo.git");
  await sandbox.git(sandbox.path, "init", "--quiet", "--bare", gitDir);
  await history.objects.moveTo(gitDir, { "refs/heads/coordination": history.tip.commit });
  const git = createGit({ environment: sandbox.env });
  return {
    gitDir,
    reader: new GitChainReader({ git, gitDir, history: historyAsItIs(gitDir), file: BOARD_FILE, limit: BOARD_LIMIT }),
  };
}

test("waits, and what was taken from a line or with a whole session, are clean, counted and drawn", async () => {
  const sandbox = await testSandbox();
  const history = await waits(Date.UTC(2026, 0, 21, 14, 30));
  const { reader } = await stored(sandbox, history);
  const folder = { path: join(sandbox.path, "verified") };
  const store = new FileVerifiedStore({ folder, endpoint: { key: "origin" }, branch: "coordination" });
  const tip = history.tip.commit;
  const result = await verify(reader, store, tip, { now: history.now, full: false, lost: null });
  expect(result).toMatchObject({ commits: history.commits.length, findings: [] });
  const messages = (await reader.log(tip, null)).map(({ message }) => message).join("\n");
  for (const kind of ["waiting:lock:build", "orchestrator:ana"]) expect(messages).toContain(`"resource":"${kind}"`);

  const view = await readTimeline(reader, tip, { since: null, until: null }, history.now);
  await reader.close();
  expect(view.waits.map(({ orchestrator, granted }) => [orchestrator, granted])).toEqual([
    ["bob", true],
    ["cleo", false],
    ["dora", false],
  ]);
  expect(view.holds.map(({ resource, holder, end }) => [resource, holder, end])).toEqual([
    ["lock:build", "ana", "released"],
    ["lock:build", "bob", "released"],
    ["lock:build", "ana", "expired"],
    ["lock:docs", "ana", "taken"],
    ["lock:docs", "finn", "open"],
  ]);
  const { resources, orchestrators } = makeReport(view);
  const counted = { waits: 3, refusalsAvoided: 1, longestWait: 3 * MINUTE };
  expect(resources.find(({ name }) => name === "lock:build")).toMatchObject(counted);
  const ofBob = { waits: 1, waited: MINUTE + 5 * SECOND, refusalsAvoided: 1 };
  expect(orchestrators.find(({ name }) => name === "bob")).toMatchObject(ofBob);
  expect(timelineHtml(view).match(/<span class="wait"/g)).toHaveLength(3);
  expect(timelineSvg(view).match(/<rect [^>]*class="w"/g)).toHaveLength(3);
});

test("a server with the hook takes such a history, and refuses a wait that the line does not know", async () => {
  const sandbox = await testSandbox();
  const start = Date.now() - 60 * MINUTE;
  const history = await waits(start);
  const { gitDir } = await stored(sandbox, history);
  const server = join(sandbox.path, "server.git");
  await sandbox.git(sandbox.path, "init", "--quiet", "--bare", server);
  await built();
  await promisify(execFile)(process.execPath, [PROGRAM, "-C", server, "hooks", "install", "--server"]);
  const push = (branch: string) => sandbox.git(gitDir, "push", "--quiet", server, `${branch}:coordination`);
  await push("coordination");

  const live = await history.fork();
  live.now = Date.now();
  await take(live, "ana", BUILD);
  await standInLine(live, "bob", BUILD);
  await live.objects.moveTo(gitDir, { "refs/heads/live": live.tip.commit });
  await push("live");
  const { author, committer, at, message } = await live.objects.readCommit(live.tip.commit);
  const files = new Map([[BOARD_FILE, live.tip.text.replace(/\n[^\n]*\| bob \|[^\n]*$/m, "")]]);
  const forged = message
    .replace(/Coord-Seq: (\d+)/, (_, seq) => `Coord-Seq: ${Number(seq) + 1}`)
    .replace(/Op-Id: ..../, "Op-Id: evil");
  const commit = { parent: live.tip.commit, files, author, committer, at, message: forged };
  await live.objects.moveTo(gitDir, { "refs/heads/forged": await live.objects.writeCommit(commit) });
  await expect(push("forged")).rejects.toThrow("other_board");
});

test("whose slot of a lock was freed was not robbed by who had another one all along", async () => {
  const sandbox = await testSandbox();
  const history = await LongHistory.begin();
  await history.ask("ana", { op: "set", name: "lock:gpu", value: "2 slots, fleet" });
  await take(history, "ana", lock("gpu"), lock("docs"));
  history.now += 14 * MINUTE;
  await take(history, "bob", lock("gpu"));
  history.now += 3 * MINUTE;
  await take(history, "cleo", lock("docs"));
  const { reader } = await stored(sandbox, history);
  const { holds } = await readTimeline(reader, history.tip.commit, { since: null, until: null }, history.now);
  await reader.close();
  expect(holds.map(({ resource, holder, end }) => [resource, holder, end])).toEqual([
    ["lock:gpu", "ana", "expired"],
    ["lock:docs", "ana", "taken"],
    ["lock:gpu", "bob", "open"],
    ["lock:docs", "cleo", "open"],
  ]);
});
