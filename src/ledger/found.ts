import { formatBoard, parseBoard } from "../board/index.ts";
import type { BoardProblem } from "../domain/board.ts";
import { contradictions } from "../domain/consistency.ts";
import { writeDraft } from "./chain.ts";
import { LedgerFailure } from "./failure.ts";
import { type Ledger, refresh, remember } from "./ledger.ts";
import type { Oid } from "./ports.ts";
import { publish } from "./publish.ts";
import { settle } from "./settle.ts";
import { BOARD_FILE, readTip, type Tip } from "./tip.ts";

export type Founding =
  | { readonly kind: "created" | "attached"; readonly tip: Tip }
  | { readonly kind: "unusable"; readonly problems: readonly BoardProblem[] };

const ROOT_SEQ = 1;

/**
 * Creates the coordination branch with this board, or attaches to the one that is there. Two machines that
 * do so at the same moment end on one root: the push demands that the branch does not exist yet.
 */
export async function found(ledger: Ledger, text: string, signal?: AbortSignal): Promise<Founding> {
  await settle(ledger, "write");
  const there = await attach(ledger, signal);
  if (there) return { kind: "attached", tip: there };

  const reading = parseBoard(text);
  if (!reading.ok) return { kind: "unusable", problems: reading.problems };
  const board = { ...reading.board, leases: reading.board.leases.map(withOwnFence) };
  const problems = contradictions(board, ROOT_SEQ);
  if (problems.length > 0) return { kind: "unusable", problems };

  const commit = await writeRoot(ledger, formatBoard(board, text));
  const request = { opId: commit.opId, subject: SUBJECT, commit: commit.oid };
  const pending = { base: null, commit: commit.oid, startedAt: ledger.clock.wall(), requests: [request] };
  const result = await publish(ledger, { pending, signal });
  if (result === "lost") return { kind: "attached", tip: await refresh(ledger, signal) };
  // It has landed: nothing that fails from here on may make it look as if it had not.
  const tip = await readTip(ledger.objects, commit.oid);
  await remember(ledger, tip);
  return { kind: "created", tip };
}

/** A fence of another history means nothing here: what a taken-over board holds is granted by the root. */
function withOwnFence<L extends { readonly fence: number | null }>(lease: L): L {
  return lease.fence === null ? lease : { ...lease, fence: ROOT_SEQ };
}

async function attach(ledger: Ledger, signal?: AbortSignal): Promise<Tip | null> {
  try {
    return await refresh(ledger, signal);
  } catch (error) {
    if (error instanceof LedgerFailure && error.code === "no_branch") return null;
    throw error;
  }
}

const SUBJECT = "init: coordination board";

async function writeRoot(ledger: Ledger, text: string): Promise<{ oid: Oid; opId: string }> {
  const opId = ledger.random.opId();
  const actor = ledger.committer;
  const draft = {
    files: new Map([[BOARD_FILE, text]]),
    subject: SUBJECT,
    body: "",
    author: actor,
    entry: { op: "init", actor: actor.name, resources: [], evidence: [], request: null } as const,
    request: null,
  };
  const oid = await writeDraft(ledger, null, draft, opId, { at: ledger.clock.wall(), seq: ROOT_SEQ });
  return { oid, opId };
}
