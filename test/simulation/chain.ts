/** The finished chain as the checker sees it: read with the codec, but with its own eyes for messages and order. */
import { parseBoard } from "../../src/board/index.ts";
import type { Board } from "../../src/domain/board.ts";
import type { Oid } from "../../src/ledger/ports.ts";
import { BOARD_FILE } from "../../src/ledger/tip.ts";
import type { Objects } from "./objects.ts";
import type { Landing } from "./server.ts";

export interface Link {
  readonly oid: Oid;
  /** Its place in the chain, the root's is 1: what its seq has to be. */
  readonly seq: number;
  readonly message: string;
  readonly opId: string | null;
  readonly text: string;
  readonly board: Board;
  /** The ledger's time: the last Coord-At up to here. */
  readonly at: number;
  /** When the server moved its branch over it. */
  readonly landed: number;
}

/** A commit whose board nobody has parsed yet. */
type Unread = Pick<Link, "oid" | "message" | "text" | "landed">;

/** @param before its parent; undefined for the root */
export function readLink({ oid, message, text, landed }: Unread, before: Link | undefined): Link {
  const reading = parseBoard(text);
  if (!reading.ok) throw new Error(`the board of ${oid} cannot be read: ${reading.problems[0]?.message}`);
  const time = trailer(message, "Coord-At");
  const at = time === null ? (before?.at ?? 0) : Date.parse(time);
  const opId = trailer(message, "Coord-Op-Id");
  return { oid, seq: (before?.seq ?? 0) + 1, message, opId, text, board: reading.board, at, landed };
}

export class Chain {
  readonly #places = new Map<Oid, Link>();
  readonly #operations = new Map<string, Link[]>();

  /** @param links from the root to the tip */
  constructor(readonly links: readonly Link[]) {
    for (const link of links) {
      this.#places.set(link.oid, link);
      if (link.opId !== null) this.#operations.set(link.opId, [...(this.#operations.get(link.opId) ?? []), link]);
    }
  }

  find(oid: Oid | null): Link | undefined {
    return oid === null ? undefined : this.#places.get(oid);
  }

  /** Where a request stands: once, or not at all, if all is well. */
  withOpId(opId: string): readonly Link[] {
    return this.#operations.get(opId) ?? [];
  }
}

export function simulatedChain(objects: Objects, tip: Oid | null, landings: readonly Landing[]): Chain {
  const landed = landingTimes(objects, landings);
  const links: Link[] = [];
  for (const oid of objects.chain(tip)) {
    const { commit, files } = objects.get(oid);
    const text = files.get(BOARD_FILE) ?? "";
    links.push(readLink({ oid, message: commit.message, text, landed: landed.get(oid) ?? 0 }, links.at(-1)));
  }
  return new Chain(links);
}

/** The value of a line that stands exactly once. */
export function trailer(message: string, key: string): string | null {
  const lines = message.split("\n").filter((line) => line.startsWith(`${key}: `));
  return lines.length === 1 ? (lines[0] as string).slice(key.length + 2) : null;
}

/** One push may carry several commits. */
function landingTimes(objects: Objects, landings: readonly Landing[]): ReadonlyMap<Oid, number> {
  const times = new Map<Oid, number>();
  for (const { time, commit } of landings) {
    for (let oid: Oid | null = commit; oid !== null && !times.has(oid); oid = objects.parentOf(oid))
      times.set(oid, time);
  }
  return times;
}
