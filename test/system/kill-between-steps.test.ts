import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeClone } from "../support/clone.ts";
import { pathServer } from "../support/remote-server.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { coordJson, start } from "./support/command.ts";
import { assemble, taskId } from "./support/fleet.ts";
import { freshHistory } from "./support/history.ts";
import { recordsIn } from "./support/queue.ts";
import { allow, PROVE } from "./support/scale.ts";

const KILL_AT = fileURLToPath(new URL("./support/kill-at.mjs", import.meta.url));

/** The steps of a claim after which its outcome, or what is known of it, is another one. */
const TURNING_POINTS = [
  /^rename .*queue.*lock/,
  /^rename .*queue.*json$/,
  /^start git push/,
  /^started git push/,
  /^rename .*queue.*unsynced/,
  /^rm .*queue.*lock/,
  /^rename .*held/,
];

/** More than a claim takes, and so the number of tasks that are there to be claimed. */
const MOST_STEPS = 150;

/** What a killed claim left, and what the next command made of it. */
interface Killed {
  readonly step: string;
  readonly task: string;
  readonly victim: string;
  /** Null when no push was on record. */
  readonly opId: string | null;
  readonly settledAs: "landed" | "never_landed" | null;
}

async function scene() {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  await assemble(sandbox, server, { windows: 1, tasks: MOST_STEPS });
  const stepsFile = join(sandbox.path, "steps");

  /** The first claim in a fresh clone, killed at that step; null: it was allowed to finish. */
  async function claimKilledAt(number: number | null) {
    const task = taskId(number ?? MOST_STEPS);
    const clone = await makeClone(sandbox, server);
    const window = { clone, id: `victim-${task}` };
    const env = { STEPS_FILE: stepsFile, ...(number !== null && { KILL_AT_STEP: String(number) }) };
    const { exit, signal } = await start(sandbox, window, ["claim", task], { env, node: ["--import", KILL_AT] }).ended;
    const steps = (await readFile(stepsFile, "utf8")).trimEnd().split("\n");
    return { task, window, exit, signal, steps };
  }

  /** The next command is another window's of the same clone, or the victim's own; in the end the victim asks again. */
  async function goOn(at: number, { task, window, steps }: Awaited<ReturnType<typeof claimKilledAt>>): Promise<Killed> {
    const step = `${at}: ${steps.at(-1)}`;
    const [opId = null, ...more] = await recordsIn(window.clone);
    expect(more, step).toEqual([]);
    const again = () => coordJson(sandbox, window, "claim", task);
    const other = () => coordJson(sandbox, { ...window, id: `other-${at}` }, "lock", `lock-${at}`);
    const ends = at % 2 === 0 ? [await again()] : [await other(), await again()];
    for (const end of ends) expect(end.exit, `${step}\n${end.stdout}${end.stderr}`).toBe(0);
    expect(await recordsIn(window.clone), step).toEqual([]);
    const notices: string[] = ends[0]?.json.notices ?? [];
    const verdict = notices.map((words) => (words.includes("never landed") ? "never_landed" : "landed"));
    expect(verdict, step).toHaveLength(opId === null ? 0 : 1);
    await sandbox.git(join(window.clone.path, ".git", "coord", "repo.git"), "fsck", "--strict", "--full");
    return { step, task, victim: window.id, opId, settledAs: verdict[0] ?? null };
  }

  return { sandbox, server, claimKilledAt, goOn };
}

test(
  "kill -9 between two steps of a claim: the next command settles it, for good",
  async () => {
    const { sandbox, server, claimKilledAt, goOn } = await scene();
    const whole = await claimKilledAt(null);
    expect(whole.exit).toBe(0);
    const points = whole.steps.flatMap((step, index) => {
      return PROVE || TURNING_POINTS.some((point) => point.test(step)) ? [index + 1] : [];
    });
    expect(points.length).toBeGreaterThanOrEqual(TURNING_POINTS.length);

    const story: Killed[] = [];
    for (const point of points) {
      const killed = await claimKilledAt(point);
      expect({ exit: killed.exit, signal: killed.signal }).toEqual({ exit: null, signal: "SIGKILL" });
      story.push(await goOn(point, killed));
    }

    // Looked at only now: what was settled as never landed had all this time to land.
    const { links } = await freshHistory(sandbox, server);
    for (const { step, task, victim, opId, settledAs } of story) {
      const claims = links.filter(({ op, resources }) => op === "claim" && resources.includes(`task:${task}`));
      expect(
        claims.map(({ actor }) => actor),
        step,
      ).toEqual([victim]);
      expect(links.filter((link) => link.opId === opId).length, step).toBe(settledAs === "landed" ? 1 : 0);
    }
    // Both happened: else the steps were not those that matter.
    expect(new Set(story.map(({ settledAs }) => settledAs))).toEqual(new Set([null, "landed", "never_landed"]));
  },
  allow(PROVE ? 100 : 10),
);
