import { readEntry } from "../ledger/entry.ts";
import type { Commit } from "../ledger/ports.ts";
import type { Position } from "../ledger/tip.ts";
import { positionAfter } from "./link.ts";

/**
 * The places of as many of the newest commits as can be told: from one on whose seq grows over its parent's.
 * @param commits newest first, as is what is returned
 * @param isWhole whether the last of them is the root
 */
export function placesOf(commits: readonly Commit[], isWhole: boolean): Position[] {
  const readings = commits.map(({ message }) => readEntry(message));
  const places: Position[] = [];
  let before: (Position & { readonly reading: (typeof readings)[number] }) | null = null;
  for (let index = commits.length - 1; index >= 0; index -= 1) {
    const reading = readings[index] as (typeof readings)[number];
    const parent = readings[index + 1];
    const floor = parent?.kind === "entry" ? parent.entry.seq : 0;
    const isRoot = isWhole && index === commits.length - 1;
    const tellsPlace = reading.kind === "entry" && parent !== undefined && reading.entry.seq > floor;
    if (before === null && !isRoot && !tellsPlace) continue;
    const place: Position =
      before === null && tellsPlace ? { seq: reading.entry.seq, at: reading.entry.at } : positionAfter(before, reading);
    before = { ...place, reading };
    places.push(place);
  }
  return places.reverse();
}
