import type { BoardChange } from "../domain/changes.ts";
import type { Instant } from "../domain/instant.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import type { Commit, Oid } from "../ledger/ports.ts";
import { checkForm, isDamaged } from "./check-form.ts";
import { checkBarrier, checkEdit, checkEditor, checkRepair } from "./check-housekeeping.ts";
import { checkRequest } from "./check-request.ts";
import type { Finding, Objection } from "./finding.ts";
import { actorOf, type BoardState, type Link, linkAfter, timeOf } from "./link.ts";

/** What the audit carries from one commit to the next. */
export interface Thread {
  /** The commit before; null before the root. */
  readonly last: Link | null;
  /** The last commit whose board could be built upon. */
  readonly good: Link | null;
  /** The last such commit that also did what it said: what a repair of a strict board goes back to. */
  readonly honest: Link | null;
}

export const BEGINNING: Thread = { last: null, good: null, honest: null };

/** One commit, judged. */
export interface Judged {
  readonly link: Link;
  readonly findings: readonly Finding[];
  /** What was changed by hand; null for commits of the program. */
  readonly edit: readonly BoardChange[] | null;
  readonly thread: Thread;
}

/** Where an op id stands already in the chain: how many commits are before it; null when it is new. */
export type KnownOpIds = (opId: string) => Promise<Oid | null>;

export interface Rules {
  /** This machine's clock, against which nothing may be dated ahead; null: not asked. */
  readonly now: Instant | null;
  /** The commit that has this op id already. */
  readonly opIdSeen: KnownOpIds;
}

/**
 * Judges commits, oldest first, each on the one before it: the one replay that verify, the hooks and the server
 * share (DESIGN 1.4). It says what is wrong and goes on from what is really there, so that one forged commit
 * does not put all after it under suspicion.
 */
export async function* audit(
  reader: ChainReader,
  commits: readonly Commit[],
  from: Thread,
  rules: Rules,
): AsyncGenerator<Judged> {
  let thread = from;
  for await (const snapshot of reader.snapshots(commits)) {
    const link = linkAfter(thread.last, snapshot);
    const { objections, edit } = await judge(reader, thread, link, rules);
    const findings = objections.map((objection) => toFinding(link, objection));
    thread = follow(thread, link, findings);
    yield { link, findings, edit, thread };
  }
}

async function judge(
  reader: ChainReader,
  thread: Thread,
  link: Link,
  rules: Rules,
): Promise<{ readonly objections: readonly Objection[]; readonly edit: readonly BoardChange[] | null }> {
  const form = checkForm(thread.last, link, rules.now);
  const { reading } = link;
  if (reading.kind !== "entry") {
    const { changes, objections } = checkEdit(thread.good?.state ?? null, link);
    return { objections: [...form, ...objections], edit: reading.kind === "manual" ? changes : null };
  }
  const { entry } = reading;
  const twin = await rules.opIdSeen(entry.opId);
  const twice: Objection[] =
    twin === null ? [] : [{ code: "duplicate_op_id", message: `its op id is that of ${twin.slice(0, 12)}` }];
  const objections = [...form, ...twice];
  if (!thread.last || entry.op === "init") return { objections, edit: null };
  switch (entry.op) {
    case "edit": {
      const edit = checkEdit(thread.good?.state ?? null, link);
      return { objections: [...objections, ...edit.objections, ...checkEditor(link, entry)], edit: edit.changes };
    }
    case "barrier":
      return { objections: [...objections, ...checkBarrier(thread.last, link)], edit: null };
    case "repair":
      return { objections: [...objections, ...checkRepair(thread.last, link, entry, restorable(thread))], edit: null };
    default:
      return { objections: [...objections, ...(await checkRequest(reader, thread.last, link, entry))], edit: null };
  }
}

/** The boards that a repair may restore: more than one where the last one did not do what it said. */
function restorable({ good, honest }: Thread): BoardState[] {
  const links = good === honest ? [good] : [good, honest];
  return links.flatMap((link) => (link ? [link.state] : []));
}

function toFinding(link: Link, { code, message, severity = "error", changes = [], refusal }: Objection): Finding {
  const place = { commit: link.commit.oid, seq: link.seq, at: timeOf(link), actor: actorOf(link) };
  return { code, severity, ...place, message, changes, refusal: refusal ?? null };
}

/** Codes of commits that do not do what they say: a strict board is not built on them. */
const DISHONEST: ReadonlySet<Finding["code"]> = new Set(["malformed", "refused_request", "other_board"]);

function follow(thread: Thread, link: Link, findings: readonly Finding[]): Thread {
  if (!link.state.ok || isDamaged(link)) return { ...thread, last: link };
  const isHonest = !findings.some(({ code }) => DISHONEST.has(code));
  return { last: link, good: link, honest: isHonest ? link : thread.honest };
}
