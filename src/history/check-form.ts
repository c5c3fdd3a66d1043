import { formatInstant, type Instant, wholeSecond } from "../domain/instant.ts";
import { readSettings, type Settings } from "../domain/settings.ts";
import { FAR_AHEAD } from "../ledger/chain.ts";
import type { Objection } from "./finding.ts";
import { type Link, timeOf } from "./link.ts";

/** Op ids are random and long; anything else was typed. */
const OP_ID = /^[A-Za-z0-9_-]{16,64}$/;

/** What can be told from the commit's own words and its place, whatever it does. */
export function checkForm(parent: Link | null, link: Link, now: Instant | null): Objection[] {
  return [
    ...checkPlace(parent, link),
    ...checkTrailers(parent, link),
    ...checkTime(parent, link, now),
    ...checkBoard(parent, link),
  ];
}

function checkPlace(parent: Link | null, { commit, reading }: Link): Objection[] {
  const { parents } = commit;
  if (parents.length > 1) {
    return [{ code: "several_parents", message: `it has ${parents.length} parents: ${parents.join(", ")}` }];
  }
  if (reading.kind !== "entry") return [];
  const founds = reading.entry.op === "init";
  if (founds && parent !== null) return [{ code: "misplaced", message: "it founds a board that is there already" }];
  if (!founds && parent === null) return [{ code: "misplaced", message: "it is the first commit, but founds nothing" }];
  return [];
}

function checkTrailers(parent: Link | null, { reading }: Link): Objection[] {
  if (reading.kind === "malformed")
    return [{ code: "malformed", message: `its trailers cannot be read: ${reading.why}` }];
  if (reading.kind === "manual") return [];
  const { seq, opId } = reading.entry;
  const expected = (parent?.seq ?? 0) + 1;
  const objections: Objection[] = [];
  if (seq !== expected)
    objections.push({ code: "wrong_seq", message: `its Coord-Seq is ${seq}, its place is ${expected}` });
  if (!OP_ID.test(opId)) objections.push({ code: "bad_op_id", message: `no program makes an op id like "${opId}"` });
  return objections;
}

function checkTime(parent: Link | null, link: Link, now: Instant | null): Objection[] {
  const { reading, commit } = link;
  const at = timeOf(link);
  const objections: Objection[] = [];
  if (reading.kind === "entry" && wholeSecond(at) !== commit.at) {
    const message = `its Coord-At is ${formatInstant(at)}, its own date ${formatInstant(commit.at)}`;
    objections.push({ code: "wrong_date", message });
  }
  const { clockTolerance } = settingsOf(link) ?? { clockTolerance: 0 };
  if (parent && isBackwards(parent, link, clockTolerance)) {
    const message = `it is dated ${formatInstant(at)}, its parent ${formatInstant(parent.at)}`;
    objections.push({ code: "time_backwards", message });
  }
  // Those that come after it are only dragged along.
  const isAhead = at > (parent?.at ?? Number.NEGATIVE_INFINITY);
  if (now !== null && isAhead && at > now + clockTolerance) {
    const message = `it is dated ${formatInstant(at)}, but it is only ${formatInstant(now)}`;
    objections.push({ code: "from_the_future", message });
  }
  return objections;
}

/** A repair may put back a clock that somebody had set far ahead, and mend a board after one. */
function isBackwards(parent: Link, { reading, commit }: Link, tolerance: number): boolean {
  if (reading.kind !== "entry") return commit.at + tolerance < wholeSecond(parent.at);
  const { op, at } = reading.entry;
  const wasFarAhead = op === "repair" && (parent.at - at > FAR_AHEAD || isDamaged(parent));
  return at < parent.at && !wasFarAhead;
}

export const isDamaged = ({ state }: Link): boolean => state.problems.length > 0;

export function settingsOf({ state }: Link): Settings | null {
  return state.ok ? readSettings(state.board) : null;
}

/** Only what this commit brought in: a board that was damaged before is not its fault. */
function checkBoard(parent: Link | null, { state }: Link): Objection[] {
  const known = new Set(parent?.state.problems.map(({ message }) => message));
  const added = state.problems.filter(({ message }) => !known.has(message));
  if (!state.ok) {
    const before = parent?.state.ok === false;
    const lines = state.problems.map(({ line, message }) => (line === null ? message : `line ${line}: ${message}`));
    return before ? [] : [{ code: "unreadable_board", message: `its board cannot be read: ${lines.join("; ")}` }];
  }
  return added.map(({ code, message }) => ({
    code: code === "two_holders" ? "two_holders" : "contradictory_board",
    message,
  }));
}
