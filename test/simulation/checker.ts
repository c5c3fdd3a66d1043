/**
 * Judges a run by what outsiders saw: the chain on the server, and who was told what, when. It knows nothing of
 * how the ledger works inside. I11 and I12 are not its business.
 */
import type { Lease } from "../../src/domain/board.ts";
import { replay } from "../../src/history/replay.ts";
import { readEntry } from "../../src/ledger/entry.ts";
import { type Chain, type Link, simulatedChain, trailer } from "./chain.ts";
import type { Machine } from "./machine.ts";
import { collide, describe, doubleHolds, nameOf, sameHolder } from "./model.ts";
import { short } from "./network.ts";
import type { Answer, Call, Violation } from "./record.ts";
import { checkTakeovers } from "./takeovers.ts";
import { checkWorks } from "./works.ts";
import type { World } from "./world.ts";

type Invariant = Violation["invariant"];
export type Report = (invariant: Invariant, what: string) => void;

export async function check(world: World, machines: readonly Machine[]): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const report: Report = (invariant, what) => violations.push({ invariant, what });
  const chain = simulatedChain(world.objects, world.server.tip, world.server.landings);
  await checkCalls(chain, world.calls, report);
  checkTips(world, machines, report);
  checkTakeovers(chain, report);
  checkWorks(world, machines, chain, report);
  return violations;
}

/** What can be judged of real processes as well (test/system/group-deaths.test.ts). */
export async function checkCalls(chain: Chain, calls: readonly Call[], report: Report): Promise<void> {
  checkBoards(chain, report);
  checkAnswers(chain, calls, report);
  checkFailures(chain, calls, report);
  checkSettlements(chain, calls, report);
  checkOrder(chain, calls, report);
  await checkReplay(chain, report);
}

/** I1 in every prefix of the chain, and I4 along it. */
function checkBoards({ links }: Chain, report: Report): void {
  const granted: Lease[] = [];
  let before: readonly Lease[] = [];
  for (const { board, seq } of links) {
    for (const double of doubleHolds(board)) report("I1", `at seq ${seq}: ${double}`);
    const fresh = board.leases.filter((lease) => !before.some((other) => isSameGrant(lease, other)));
    for (const lease of fresh) {
      if (lease.fence !== seq) report("I4", `${describe(lease)} was granted at seq ${seq}`);
      const earlier = granted.find(
        (other) => collide(other.resource, lease.resource) && (other.fence ?? 0) >= (lease.fence ?? 0),
      );
      if (earlier) report("I4", `${describe(lease)} came after ${describe(earlier)}`);
    }
    granted.push(...fresh);
    before = board.leases;
  }
}

const isSameGrant = (a: Lease, b: Lease): boolean =>
  a.fence === b.fence && sameHolder(a.holder, b.holder) && nameOf(a.resource) === nameOf(b.resource);

interface Told {
  readonly call: Call;
  readonly opId: string;
  readonly answer: Answer;
}

function answersOf(calls: readonly Call[]): readonly Told[] {
  return calls.flatMap((call) => {
    const { outcome, requests } = call;
    if (outcome.kind !== "answers") return [];
    return outcome.answers.map((answer, index) => ({ call, opId: requests[index]?.opId ?? "", answer }));
  });
}

/** I2 of what was granted, I3 of what was refused or needed no commit. */
function checkAnswers(chain: Chain, calls: readonly Call[], report: Report): void {
  const owners = new Map<Link, string>();
  for (const { call, opId, answer } of answersOf(calls)) {
    const { verdict, written, tip } = answer;
    const who = `${call.process}, told ${verdict.kind} for ${opId}`;
    const links = chain.withOpId(opId);
    if (written !== (verdict.kind === "granted")) report("bug", `${who}: written is ${written}`);
    if (verdict.kind !== "granted") {
      if (links.length > 0) report("I3", `${who}, which is in the chain at seq ${links[0]?.seq}`);
    } else if (links.length !== 1 || links[0]?.oid !== tip) {
      report("I2", `${who} by ${short(tip)}: in the chain ${links.length} times`);
    } else {
      const other = owners.get(links[0]);
      if (other !== undefined) report("I2", `${who} and ${other} share one commit`);
      owners.set(links[0], who);
    }
    const leases = verdict.kind !== "refused" && "leases" in verdict.grant ? verdict.grant.leases : [];
    const there = chain.find(tip)?.board.leases ?? [];
    for (const lease of leases) {
      if (!there.some((other) => isSameGrant(lease, other)))
        report("I2", `${who}: ${describe(lease)} is not on the board`);
    }
  }
}

/** What a command may fail with while the branch is neither damaged nor rewritten. */
const HONEST = ["unreachable", "remote_refused", "contention", "abandoned", "unknown", "no_branch", "busy"];

/** I3 of what failed; of the founding, too. */
function checkFailures(chain: Chain, calls: readonly Call[], report: Report): void {
  const root = chain.links[0];
  for (const { process, outcome, requests, drawn } of calls) {
    if (outcome.kind === "bug")
      report("bug", `${process}: ${outcome.error instanceof Error ? outcome.error.stack : outcome.error}`);
    const foundedHere = requests.length === 0 && drawn.includes(root?.opId ?? "");
    if (outcome.kind === "founded") {
      const claims = outcome.how === "created";
      if (claims !== foundedHere)
        report(claims ? "I2" : "I3", `${process} was told ${outcome.how}, the root is ${root?.opId}`);
    }
    if (outcome.kind !== "failed" || outcome.code === "unknown") continue;
    if (!HONEST.includes(outcome.code)) report("bug", `${process} was told ${outcome.code}`);
    if (foundedHere) report("I3", `${process} was told ${outcome.code}, but its root is in the chain`);
    for (const { opId } of requests) {
      const [link] = chain.withOpId(opId);
      if (link)
        report("I3", `${process} was told ${outcome.code} for ${opId}, which is in the chain at seq ${link.seq}`);
    }
  }
}

/** I3 and I10: what a later command says of a push in doubt is final, and it says something of each. */
function checkSettlements(chain: Chain, calls: readonly Call[], report: Report): void {
  for (const { process, outcome } of calls) {
    for (const { record, outcome: end } of outcome.kind === "answers" ? outcome.settled : []) {
      const landed = chain.find(record.commit) !== undefined;
      if (end === "never_landed" && landed)
        report("I3", `${process} settled ${record.opId} as never landed, but it is in the chain`);
      if (end === "landed" && !landed)
        report("I2", `${process} settled ${record.opId} as landed, but it is not in the chain`);
    }
  }
  for (const doubtful of calls.filter(isInDoubt)) {
    for (const { opId } of doubtful.requests) {
      const [link] = chain.withOpId(opId);
      const later =
        link &&
        calls.find((call) => comesToSettle(call, doubtful) && call.ended < link.landed && !leavesOpen(call, opId));
      if (later) report("I10", `${opId} of ${doubtful.process} landed after ${later.process} had been answered`);
    }
  }
}

const isInDoubt = ({ outcome }: Call): boolean =>
  outcome.kind === "crashed" || (outcome.kind === "failed" && outcome.code === "unknown");

/** Whether a call had to settle what another one left in doubt, and could. */
function comesToSettle(call: Call, { machine, process, ended, stays, outcome }: Call): boolean {
  const isAbandoned = outcome.kind === "crashed" || !stays || call.process === process;
  return call.machine === machine && call.asked >= ended && isAbandoned && call.outcome.kind === "answers";
}

function leavesOpen({ outcome }: Call, opId: string): boolean {
  return (
    outcome.kind === "answers" && outcome.settled.some((each) => each.record.opId === opId && each.outcome === "open")
  );
}

/** I5: what was reported before somebody asked stands before the answer; and no answer is older than its question. */
function checkOrder(chain: Chain, calls: readonly Call[], report: Report): void {
  const told = answersOf(calls).map((each) => ({ ...each, link: chain.find(each.answer.tip) }));
  for (const { call, opId, answer, link } of told) {
    if (!link) {
      report("I5", `${call.process}: ${opId} was decided on ${short(answer.tip)}, which is not in the chain`);
      continue;
    }
    const earlier = told.find(
      (other) => other.answer.written && other.call.ended < call.asked && (other.link?.seq ?? 0) > link.seq,
    );
    if (earlier)
      report("I5", `${call.process}: ${opId} does not come after ${earlier.opId}, reported before it was asked`);
    const then = chain.find(call.tipThen);
    if (then && then.seq > link.seq) {
      report(
        "I5",
        `${call.process}: ${opId} was decided on seq ${link.seq}, though the branch was at ${then.seq} when it was asked`,
      );
    }
  }
}

/** I8: of each clone, and of each process's own memory. */
function checkTips({ objects, calls }: World, machines: readonly Machine[], report: Report): void {
  const forward = (who: string, tips: readonly string[]) =>
    tips.slice(1).forEach((tip, index) => {
      const before = tips[index] as string;
      if (!objects.isAncestor(before, tip)) report("I8", `${who} went from ${short(before)} to ${short(tip)}`);
    });
  for (const { name, tips } of machines) forward(name, tips);
  const beliefs = new Map<string, string[]>();
  for (const { process, belief } of calls) {
    if (belief !== null) beliefs.set(process, [...(beliefs.get(process) ?? []), belief]);
  }
  for (const [process, tips] of beliefs) forward(process, tips);
}

/** Every commit proves itself, and stands where it says. */
async function checkReplay({ links }: Chain, report: Report): Promise<void> {
  for (const [index, link] of links.entries()) {
    const parent = links[index - 1];
    const reading = readEntry(link.message);
    if (reading.kind === "manual") continue;
    if (reading.kind === "malformed") report("replay", `seq ${link.seq}: ${reading.why}`);
    if (trailer(link.message, "Coord-Seq") !== String(link.seq))
      report("I9", `seq ${link.seq} says ${trailer(link.message, "Coord-Seq")}`);
    if (!parent || reading.kind !== "entry") continue;
    if (link.at < parent.at) report("I9", `time runs backwards at seq ${link.seq}`);
    const result = await replay({ ...parent, commit: parent.oid }, reading.entry, link.text);
    if (result.kind !== "same" && result.kind !== "not_replayed") {
      report("replay", `seq ${link.seq} (${reading.entry.op} by ${reading.entry.actor}): ${result.kind}`);
    }
  }
}
