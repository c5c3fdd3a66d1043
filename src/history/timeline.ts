import type { Instant } from "../domain/instant.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import type { Oid } from "../ledger/ports.ts";
import { type Hold, HoldTracker, type Wait } from "./holds.ts";
import { type Link, linkAfter } from "./link.ts";
import { readAll, readBack } from "./read-back.ts";
import { indexAt } from "./stamps.ts";

export interface Range {
  readonly since: Instant | null;
  readonly until: Instant | null;
}

/** Every hold and every wait that touches the range, by their beginning. */
export interface Timeline {
  /** Where the range was asked to begin; null: at the root. */
  readonly since: Instant | null;
  /** The end of the range, or now: up to here what is open is counted and drawn. */
  readonly end: Instant;
  readonly holds: readonly Hold[];
  readonly waits: readonly Wait[];
  /** The commits of the range, oldest first, to be counted. */
  readonly links: readonly CountedLink[];
}

export type CountedLink = Pick<Link, "commit" | "reading">;

/** Reads the boards of the range, and the one before it, which says what was held at its beginning. */
export async function readTimeline(
  reader: ChainReader,
  tip: Oid,
  { since, until }: Range,
  now: Instant,
): Promise<Timeline> {
  const { commits: log } =
    since === null
      ? await readAll(reader, tip)
      : await readBack(reader, tip, ({ commits }) => indexAt(commits, since - 1) >= 0);
  const newest = until === null ? 0 : indexAt(log, until);
  const end = Math.min(now, until ?? now);
  if (newest < 0) return { since, end, holds: [], waits: [], links: [] };
  const first = since === null ? -1 : indexAt(log, since - 1);
  const commits = log.slice(newest, first < 0 ? undefined : first + 1).reverse();
  const tracker = new HoldTracker();
  const links: CountedLink[] = [];
  let last: Link | null = null;
  for await (const snapshot of reader.snapshots(commits)) {
    last = linkAfter(last, snapshot);
    tracker.follow(last);
    links.push({ commit: last.commit, reading: last.reading });
  }
  tracker.finish(end);
  const touches = ({ from, to }: Hold | Wait) =>
    (until === null || from <= until) && (since === null || to === null || to >= since);
  const byBeginning = (a: Hold | Wait, b: Hold | Wait) => a.from - b.from;
  return {
    since,
    end,
    holds: tracker.holds.filter(touches).sort(byBeginning),
    waits: tracker.waits.filter(touches).sort(byBeginning),
    links: first >= 0 ? links.slice(1) : links,
  };
}
