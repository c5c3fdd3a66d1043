import { idKey } from "../domain/identifier.ts";
import type { Duration } from "../domain/instant.ts";
import type { Hold, Wait } from "./holds.ts";
import { actorOf } from "./link.ts";
import type { CountedLink, Timeline } from "./timeline.ts";

/** What happened to one resource, or with one orchestrator. Durations in milliseconds. */
export interface Tally {
  readonly name: string;
  readonly holds: number;
  readonly held: Duration;
  readonly longestHold: Duration;
  readonly waits: number;
  readonly waited: Duration;
  readonly longestWait: Duration;
  /** Waits that ended with the lease: each of them a refusal less. */
  readonly refusalsAvoided: number;
  readonly expired: number;
  readonly broken: number;
  readonly taken: number;
}

/** The same for an orchestrator, with what it did: `broken` and `taken` above are what was done to it. */
export interface OrchestratorTally extends Tally {
  readonly commits: number;
  readonly breaks: number;
  readonly takeovers: number;
}

export interface Report {
  readonly commits: number;
  readonly manualEdits: number;
  /** Of all commits, from 0 to 1. */
  readonly manualShare: number;
  /** Pushes whose outcome was in doubt and that a barrier had to settle. */
  readonly barriers: number;
  readonly resources: readonly Tally[];
  readonly orchestrators: readonly OrchestratorTally[];
}

/** Counts a timeline, the busiest first. Of a hold that reaches beyond the range, only what lies within counts. */
export function makeReport(timeline: Timeline): Report {
  const { links } = timeline;
  const [holds, waits] = [timeline.holds, timeline.waits].map((list) => list.map(within(timeline))) as [Hold[], Wait[]];
  const manual = links.filter(isManual).length;
  const names = new Map<string, string>();
  for (const name of [...holds.map((hold) => hold.holder), ...waits.map((wait) => wait.orchestrator)]) {
    if (!names.has(idKey(name))) names.set(idKey(name), name);
  }
  for (const link of links) {
    const isRequest = link.reading.kind === "entry" && link.reading.entry.request !== null;
    if (isRequest && !names.has(idKey(actorOf(link)))) names.set(idKey(actorOf(link)), actorOf(link));
  }
  const resources = [...new Set([...holds, ...waits].map(({ resource }) => resource))];
  return {
    commits: links.length,
    manualEdits: manual,
    manualShare: links.length === 0 ? 0 : manual / links.length,
    barriers: links.filter(({ reading }) => reading.kind === "entry" && reading.entry.op === "barrier").length,
    resources: resources.map((name) => tally(name, holds.filter(of(name)), waits.filter(of(name)))).sort(byTime),
    orchestrators: [...names.values()].map((name) => tallyOf(name, { holds, waits, links })).sort(byTime),
  };
}

function within({ since, end }: Timeline) {
  return <T extends Hold | Wait>(interval: T): T => {
    const [from, to] = [Math.max(interval.from, since ?? interval.from), Math.min(interval.to ?? end, end)];
    return { ...interval, from, to: Math.max(from, to) };
  };
}

const of =
  (name: string) =>
  ({ resource }: Hold | Wait): boolean =>
    resource === name;

const byTime = (a: Tally, b: Tally): number => b.held - a.held || (a.name < b.name ? -1 : 1);

const isManual = ({ reading }: CountedLink): boolean =>
  reading.kind === "manual" || (reading.kind === "entry" && reading.entry.op === "edit");

function tally(name: string, holds: readonly Hold[], waits: readonly Wait[]): Tally {
  const lasted = ({ from, to }: Hold | Wait): Duration => (to ?? from) - from;
  const ended = (end: Hold["end"]): number => holds.filter((hold) => hold.end === end).length;
  const sum = (durations: readonly Duration[]): Duration => durations.reduce((total, each) => total + each, 0);
  const longest = (durations: readonly Duration[]): Duration =>
    durations.reduce((most, each) => Math.max(most, each), 0);
  const [heldFor, waitedFor] = [holds.map(lasted), waits.map(lasted)];
  return {
    ...{ name, holds: holds.length, held: sum(heldFor), longestHold: longest(heldFor) },
    ...{ waits: waits.length, waited: sum(waitedFor), longestWait: longest(waitedFor) },
    refusalsAvoided: waits.filter(({ granted }) => granted).length,
    ...{ expired: ended("expired"), broken: ended("broken"), taken: ended("taken") },
  };
}

function tallyOf(
  name: string,
  { holds, waits, links }: Pick<Timeline, "holds" | "waits" | "links">,
): OrchestratorTally {
  const is = (id: string | null): boolean => id !== null && idKey(id) === idKey(name);
  const own = tally(
    name,
    holds.filter(({ holder }) => is(holder)),
    waits.filter(({ orchestrator }) => is(orchestrator)),
  );
  const did = holds.filter(({ endedBy, holder }) => is(endedBy) && !is(holder));
  return {
    ...own,
    commits: links.filter((link) => is(actorOf(link))).length,
    breaks: did.filter(({ end }) => end === "broken").length,
    takeovers: did.filter(({ end }) => end === "taken").length,
  };
}
