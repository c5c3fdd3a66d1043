import type { Board, Waiter } from "../board.ts";
import { evidenceFor, observe } from "../expiry.ts";
import { idKey } from "../identifier.ts";
import { wholeSecond } from "../instant.ts";
import { withoutRows } from "../line.ts";
import type { Actor, Wait, Withdraw } from "../request.ts";
import { type Resource, sameResource } from "../resource.ts";
import { rivalsOf } from "../rivals.ts";
import { enter, leasesOf, reap, standingOf, touch } from "../session.ts";
import { readSettings } from "../settings.ts";
import { spelt } from "../take.ts";
import type { Context, Evidence, Refusal, Verdict } from "../verdict.ts";

const refused = (refusal: Refusal): Verdict => ({ kind: "refused", refusal });

/**
 * Stands the actor in line for what it does not hold, behind those who are there already; who stands there
 * keeps its place. Leases in the way that are provably over are freed for whoever is first: else a holder and a
 * first in line that both died would stop everybody.
 */
export function wait(board: Board, actor: Actor, wish: Wait, context: Context): Verdict {
  const entry = enter(board, actor, context);
  if (!entry.ok) return refused(entry.refusal);
  const own = leasesOf(entry.board, actor.id);
  const wanted = wish.resources
    .map((resource) => spelt(board, resource))
    .filter((resource) => !own.some((lease) => sameResource(lease.resource, resource)));
  const until = Math.ceil(wish.until / 1000) * 1000;
  const freed = freeWhatIsOver(entry.board, actor, wanted, context);
  const isNew = (resource: Resource) => !rowsOf(board, actor, [resource]).length;
  const added = wanted.filter(isNew).map((resource): Waiter => {
    return { resource, orchestrator: actor.id, since: wholeSecond(context.at), until, turn: null };
  });
  const stayed = freed.board.waiters.map((row) => (isOwn(row, actor, wanted) ? { ...row, until } : row));
  const isLonger = rowsOf(board, actor, wanted).some((row) => row.until !== until);
  const evidence = [...entry.evidence, ...freed.evidence];
  if (added.length === 0 && !isLonger && evidence.length === 0) {
    return { kind: "unchanged", grant: { op: "wait", waiters: rowsOf(board, actor, wanted) } };
  }
  const next = touch({ ...freed.board, waiters: [...stayed, ...added] }, actor, context);
  return {
    kind: "granted",
    board: next,
    grant: { op: "wait", waiters: rowsOf(next, actor, wanted) },
    evidence,
    archived: [],
  };
}

function freeWhatIsOver(board: Board, actor: Actor, wanted: readonly Resource[], context: Context) {
  const settings = readSettings(board);
  const evidence: Evidence[] = [];
  let next = board;
  for (const resource of wanted) {
    for (const lease of rivalsOf(board, board.leases, actor.id, resource)) {
      const proof = next.leases.includes(lease) ? evidenceFor(observe(next, lease), context, settings) : null;
      if (proof === null) continue;
      const reaped = reap(next, lease, proof, context);
      next = reaped.board;
      evidence.push(...reaped.evidence);
    }
  }
  return { board: next, evidence };
}

/** Leaves the line. Not standing in it is success. */
export function withdraw(board: Board, actor: Actor, wish: Withdraw, context: Context): Verdict {
  const standing = standingOf(board, actor, context);
  if (standing.kind === "taken") return refused({ kind: "identity_taken", orchestrator: standing.row });
  const rows = rowsOf(board, actor, wish.resources);
  const grant = { op: "withdraw", withdrawn: rows.map(({ resource }) => resource) } as const;
  if (rows.length === 0) return { kind: "unchanged", grant };
  const left = withoutRows(board, (row) => rows.includes(row));
  return { kind: "granted", board: touch(left, actor, context), grant, evidence: [], archived: [] };
}

const isOwn = (row: Waiter, actor: Actor, resources: readonly Resource[]): boolean =>
  idKey(row.orchestrator) === idKey(actor.id) && resources.some((resource) => sameResource(resource, row.resource));

const rowsOf = (board: Board, actor: Actor, resources: readonly Resource[]): readonly Waiter[] =>
  board.waiters.filter((row) => isOwn(row, actor, resources));
