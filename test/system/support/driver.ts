/**
 * One of several processes that work on one board at once: so many random operations through the built library,
 * and a line of JSON for each, with the op ids that it used and what it was told.
 */
import { appendFile } from "node:fs/promises";
import type * as Library from "../../../src/index.ts";
import type { Report, Told } from "./report.ts";

const [library = "", cwd = "", id = "", count = "", seed = "", log = ""] = process.argv.slice(2);
const coord = (await import(library)) as typeof Library;

/** mulberry32: the choices of a process are those of its seed, whatever the others do. */
let state = Number(seed);
function chance(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const pick = <T>(items: readonly T[]): T => items[Math.floor(chance() * items.length)] as T;

const used: string[] = [];
const random = {
  opId: () => {
    used.push(crypto.randomUUID());
    return used.at(-1) as string;
  },
  uniform: Math.random,
};
const board = await coord.openCoordination({ cwd, as: id, random });

const LOCKS = ["build", "deploy", "docs"];
const FILES = ["src/", "src/a.ts", "src/b.ts", "docs/guide.md"];
const task = (): string => `T${String(1 + Math.floor(chance() * 30)).padStart(3, "0")}`;

type Outcome = Awaited<ReturnType<(typeof OPERATIONS)[number]>>;

/** Those that give back stand twice, so that not everything ends up held. */
const OPERATIONS = [
  () => coord.join(board),
  () => coord.add(board, { title: `from ${id}`, priority: pick(["1", "2", "3"]) }),
  () => coord.add(board, { title: `from ${id}`, after: [task()] }),
  () => coord.claim(board),
  () => coord.claim(board, { files: [pick(FILES)] }),
  () => coord.claim(board, { task: task() }),
  () => coord.claim(board, { task: task(), locks: [pick(LOCKS)] }),
  () => coord.lock(board, { locks: [pick(LOCKS)], reason: "at work" }),
  () => coord.lock(board, { locks: [pick(LOCKS)], files: [pick(FILES)] }),
  () => coord.lock(board, { files: [pick(FILES)], ttl: "2m" }),
  () => coord.unlock(board, { all: true }),
  () => coord.unlock(board, { all: true }),
  () => coord.unlock(board, { locks: [pick(LOCKS)] }),
  () => coord.renew(board),
  () => coord.complete(board, held() ?? task(), "finished"),
  () => coord.complete(board, held() ?? task()),
  () => coord.release(board, held() ?? task()),
  () => coord.breakLeases(board, { resources: [`lock:${pick(LOCKS)}`], reason: "stale" }),
  () => coord.breakLeases(board, { resources: [`file:${pick(FILES)}`], force: true, reason: "in the way" }),
] as const;

/** A task that this process was given and has not given back: otherwise hardly anything would ever be finished. */
const own: string[] = [];
const held = (): string | undefined => own.pop();

function remember(outcome: Outcome): void {
  if (outcome.ok && outcome.value.op === "claim") own.push(outcome.value.task.id);
}

async function told(operation: (typeof OPERATIONS)[number]): Promise<Told> {
  try {
    const outcome = await operation();
    remember(outcome);
    if (!outcome.ok) return { kind: "refused", why: outcome.failure.kind };
    const { op, changed } = outcome.value;
    return changed ? { kind: "done", op, commit: outcome.commit } : { kind: "already_so", op };
  } catch (error) {
    // Nothing was written, says the program: to be checked like a refusal.
    if (error instanceof coord.LedgerFailure && error.code === "contention")
      return { kind: "refused", why: error.code };
    throw error;
  }
}

for (let step = 0; step < Number(count); step += 1) {
  const begun = used.length;
  const report: Report = { id, told: await told(pick(OPERATIONS)), opIds: used.slice(begun) };
  await appendFile(log, `${JSON.stringify(report)}\n`);
}
