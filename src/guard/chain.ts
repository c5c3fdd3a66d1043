import { type Instant, SECOND } from "../domain/instant.ts";
import { audit, BEGINNING, type Judged, type KnownOpIds } from "../history/audit.ts";
import { isDamaged, settingsOf } from "../history/check-form.ts";
import type { Finding } from "../history/finding.ts";
import { actorOf, timeOf } from "../history/link.ts";
import { threadAt } from "../history/thread-at.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import type { Commit, Oid } from "../ledger/ports.ts";
import { PASS, type Remark, type Ruling, together } from "./ruling.ts";

/** One ref of a push. Null: it is not there before, or will not be after. */
export interface RefUpdate {
  readonly ref: string;
  readonly old: Oid | null;
  readonly new: Oid | null;
}

export interface ChainRules {
  /** The clock that takeovers and times are judged by; null: whoever judges has no better clock than the writer. */
  readonly judge: Instant | null;
  readonly opIdSeen: KnownOpIds;
}

/**
 * Whether the coordination branch may move like that: only forward, by commits that replay (DESIGN 5), each dated
 * within the tolerance of the judge's clock, and with takeovers only of what is over by that clock.
 */
export async function ruleOnChain(
  reader: ChainReader,
  update: RefUpdate & { readonly branch: string },
  rules: ChainRules,
): Promise<Ruling> {
  const { old, branch } = update;
  if (update.new === null) return { pass: false, remarks: [{ kind: "branch_deleted", branch }] };
  if (update.new === old) return PASS;
  const commits = [...(await reader.log(update.new, old))].reverse();
  if (old !== null && commits[0]?.parents[0] !== old) {
    return { pass: false, remarks: [{ kind: "branch_rewritten", branch, old }] };
  }
  return judgeAll(reader, commits, old, rules);
}

async function judgeAll(
  reader: ChainReader,
  commits: readonly Commit[],
  old: Oid | null,
  { judge, opIdSeen }: ChainRules,
): Promise<Ruling> {
  const thread = old === null ? BEGINNING : await threadAt(reader, old);
  const fresh = new Map<string, Oid>();
  const seen: KnownOpIds = async (opId) => fresh.get(opId) ?? (await opIdSeen(opId));
  const rulings: Ruling[] = [];
  for await (const judged of audit(reader, commits, thread, { now: judge, opIdSeen: seen })) {
    const { link, findings } = judged;
    if (link.reading.kind === "entry") fresh.set(link.reading.entry.opId, link.commit.oid);
    rulings.push(
      ruleOnDamage(judged),
      ruleOnFindings(findings, judge),
      judge === null ? PASS : ruleByClock(judged, judge, old === null),
    );
  }
  return together(...rulings);
}

/** On a board that is damaged already, only what mends it may land, or a barrier, which changes nothing. */
function ruleOnDamage({ link, findings }: Judged): Ruling {
  const isBarrier = link.reading.kind === "entry" && link.reading.entry.op === "barrier";
  if (!isDamaged(link) || isBarrier || findings.length > 0) return PASS;
  const message = `the board is damaged, and this does not mend it: ${link.state.problems[0]?.message}`;
  const place = { commit: link.commit.oid, seq: link.seq, at: timeOf(link), actor: actorOf(link) };
  const finding = {
    code: "unreadable_board",
    severity: "error",
    ...place,
    message,
    changes: [],
    refusal: null,
  } as const;
  return { pass: false, remarks: [{ kind: "finding", finding }] };
}

/** Warnings are about what is legal; weak evidence is replaced by what the judge's own clock says. */
function ruleOnFindings(findings: readonly Finding[], judge: Instant | null): Ruling {
  const shown = findings.filter(({ code, severity }) => !(code === "weak_evidence" && severity === "warning" && judge));
  return {
    pass: shown.every(({ severity }) => severity === "warning"),
    remarks: shown.map((finding) => ({ kind: "finding", finding })),
  };
}

/** @param isFounding then the commits are old: a whole history comes to a new place */
function ruleByClock({ link, thread }: Judged, now: Instant, isFounding: boolean): Ruling {
  const { reading, commit } = link;
  if (reading.kind !== "entry") return PASS;
  const { at, evidence } = reading.entry;
  const settings = settingsOf(link) ?? (thread.good && settingsOf(thread.good));
  const tolerance = settings?.clockTolerance ?? 30 * SECOND;
  const remarks: Remark[] = [];
  if (!isFounding && now - at > tolerance) remarks.push({ kind: "wrong_clock", commit: commit.oid, at, now });
  for (const { resource, holder, expires } of evidence) {
    if (expires !== null && now > expires) continue;
    remarks.push({ kind: "too_early", commit: commit.oid, resource, holder, until: expires, now });
  }
  return { pass: remarks.length === 0, remarks };
}
