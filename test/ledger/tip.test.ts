/** Where a commit stands in the chain, whatever its author wrote into it. */
import { expect, it } from "vitest";
import { formatMessage } from "../../src/ledger/entry.ts";
import { readPosition, readTip } from "../../src/ledger/tip.ts";
import { BEGIN, Bench, BOARD, failureOf } from "./bench.ts";

const ours = (seq: number, at = BEGIN) => {
  const entry = {
    op: "barrier",
    opId: "op",
    actor: "git-coord",
    at,
    seq,
    resources: [],
    evidence: [],
    request: null,
  } as const;
  return formatMessage(`number ${seq}`, "", entry, null);
};

async function positionAfter(...messages: string[]) {
  const bench = new Bench();
  for (const message of messages) bench.push(BOARD, message);
  const clone = bench.clone("ada");
  await clone.fetch();
  return readPosition(clone.machine.objects, bench.server.tip as string);
}

it("a commit of ours stands where it says, at the time it says", async () => {
  expect(await positionAfter(ours(1), ours(2, BEGIN + 5))).toEqual({ seq: 2, at: BEGIN + 5 });
});

it("manual edits stand one after the other, at the time of the last commit of ours", async () => {
  expect(await positionAfter(ours(1), ours(2, BEGIN + 5), "a note\n", "another\n")).toEqual({ seq: 4, at: BEGIN + 5 });
});

it("a history of manual edits alone is counted from its root, and has no time", async () => {
  expect(await positionAfter("one\n", "two\n", "three\n")).toEqual({ seq: 3, at: 0 });
});

it.each([
  ["does not grow", 2],
  ["goes back", 1],
])("a forged seq that %s counts as absent, so that fences still grow", async (_what, forged) => {
  expect((await positionAfter(ours(1), ours(2), ours(forged))).seq).toBe(3);
});

it("a seq that stands there twice counts as absent", async () => {
  const forged = ours(9).replace("Coord-Seq: 9\n", "Coord-Seq: 9\nCoord-Seq: 3\n");
  expect((await positionAfter(ours(1), ours(2), forged)).seq).toBe(3);
});

it.each([
  ["a board that is missing", "no_board_file", (bench: Bench) => bench.objects.write(emptyCommit)],
  ["a board from the future", "format_too_new", (bench: Bench) => bench.push(BOARD.replace("format 1", "format 9"))],
  ["a fence larger than the history", "future_fence", (bench: Bench) => bench.push(`${BOARD}${HELD}`)],
])("%s is a diagnosis", async (_what, code, write) => {
  const bench = new Bench();
  const oid = write(bench);
  const clone = bench.clone("ada");
  clone.machine.objects.receive(oid);
  const failure = await failureOf(readTip(clone.machine.objects, oid));
  expect(failure).toMatchObject({ code: "bad_board", commit: oid, problems: [{ code }] });
});

const person = { name: "A Person", email: "person@example.invalid" };
const emptyCommit = {
  parent: null,
  files: new Map(),
  author: person,
  committer: person,
  at: BEGIN,
  message: "empty\n",
};
const HELD = `
## File Locks

| File Path | Locked By | Since | Expires | Fence |
|-----------|-----------|-------|---------|-------|
| src/a.ts | ada | - | - | 99 |
`;
