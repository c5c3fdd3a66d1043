import { decide } from "../domain/decide.ts";
import type { Request } from "../domain/request.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Answered } from "./chain.ts";
import { contextOf, readEntry } from "./entry.ts";
import type { ObjectStore, Oid } from "./ports.ts";
import { readTip } from "./tip.ts";

/**
 * The answer to a request that has landed as this commit, when the process that decided it is gone: every commit
 * proves itself (DESIGN 1.4), so the same request on the parent's board gives the same verdict.
 */
export async function answerInChain(objects: ObjectStore, oid: Oid, request: Request): Promise<Answered<Verdict>> {
  const commit = await objects.readCommit(oid);
  const reading = readEntry(commit.message);
  const parent = commit.parents[0];
  if (reading.kind !== "entry" || parent === undefined) throw new Error(`${oid} is no commit of a request`);
  const before = await readTip(objects, parent);
  const answer = decide(before.board, request, contextOf(before.seq, reading.entry));
  return { answer, tip: await readTip(objects, oid), written: true };
}
