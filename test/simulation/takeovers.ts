/**
 * I6, judged from outside: what became of everybody's leases, sessions and turns in the chain, against the true
 * time at which commits landed. It reads evidence, but believes none of it.
 */
import type { Board } from "../../src/domain/board.ts";
import type { Evidence } from "../../src/domain/verdict.ts";
import { readEntry } from "../../src/ledger/entry.ts";
import type { Chain, Link } from "./chain.ts";
import type { Report } from "./checker.ts";
import { describe, nameOf, sameHolder } from "./model.ts";
import { BEGIN, MOST_SKEW } from "./simulate.ts";

const seconds = ({ settings }: Board, name: string, usual: number): number => {
  const written = settings.find((row) => row.name === name)?.value;
  return written === undefined ? usual : Number.parseInt(written, 10) * 1000;
};

export function checkTakeovers({ links }: Chain, report: Report): void {
  for (const [index, link] of links.entries()) {
    const parent = links[index - 1];
    const reading = readEntry(link.message);
    if (!parent || reading.kind !== "entry") continue;
    const { entry } = reading;
    for (const proof of entry.evidence) checkProof(links, index, proof, report);
    // Nothing of anybody else's goes without evidence, unless it is broken.
    if (entry.op === "break" || entry.request === null) continue;
    for (const lease of parent.board.leases) {
      const stays = link.board.leases.some(
        (other) => nameOf(other.resource) === nameOf(lease.resource) && sameHolder(other.holder, lease.holder),
      );
      const proven = entry.evidence.some(
        ({ resource, holder }) =>
          sameHolder(holder, lease.holder) &&
          (resource === `${lease.resource.kind}:${lease.resource.name}` || resource.startsWith("orchestrator:")),
      );
      if (!stays && !proven && !sameHolder(lease.holder, entry.actor))
        report("I6", `at seq ${link.seq} ${entry.actor} takes ${describe(lease)} without evidence`);
    }
  }
}

function checkProof(links: readonly Link[], index: number, proof: Evidence, report: Report): void {
  const link = links[index] as Link;
  const parent = links[index - 1] as Link;
  const tolerance = seconds(parent.board, "Clock tolerance", 30_000);
  const what = `at seq ${link.seq} ${proof.resource} of ${proof.holder} by ${proof.kind}`;
  const { expires } = proof;
  if (expires === null || !isThere(parent.board, proof)) {
    report("I6", `${what}: there is no such thing`);
    return;
  }
  if (proof.kind === "clock") {
    const isTrusted = !parent.board.settings.some(({ name, value }) => name === "Clock trust" && value === "none");
    if (!isTrusted) report("I6", `${what}: no clock is trusted`);
    const late = BEGIN + link.landed - (expires + tolerance);
    if (late < -MOST_SKEW) report("I6", `${what}: ${-late} ms too early`);
    return;
  }
  // Since when it has stood there as it was: any sign of life would have changed it.
  let first = parent;
  for (let place = index - 1; place >= 0 && isThere((links[place] as Link).board, proof); place -= 1) {
    first = links[place] as Link;
  }
  const isTurn = proof.resource.startsWith("waiting:") && turnOf(parent.board, proof) !== null;
  const needed = isTurn ? seconds(parent.board, "Hand-over grace", 20_000) : expires - first.at + tolerance;
  const watched = link.landed - first.landed;
  if (watched < needed) report("I6", `${what}: it was there for ${watched} ms only, not ${needed}`);
}

function turnOf({ waiters }: Board, { resource, holder }: Evidence): number | null {
  const row = waiters.find(
    (each) =>
      `waiting:${each.resource.kind}:${each.resource.name}` === resource && sameHolder(each.orchestrator, holder),
  );
  return row?.turn ?? null;
}

/** Whether the board shows what the evidence is about, in that very state. */
function isThere(board: Board, { resource, holder, fence, expires }: Evidence): boolean {
  if (resource.startsWith("orchestrator:"))
    return board.orchestrators.some((row) => sameHolder(row.id, holder) && row.expires === expires);
  if (resource.startsWith("waiting:")) {
    const grace = seconds(board, "Hand-over grace", 20_000);
    return board.waiters.some((row) => {
      const ends = row.turn === null ? row.until : Math.min(row.turn + grace, row.until ?? Infinity);
      const name = `waiting:${row.resource.kind}:${row.resource.name}`;
      return name === resource && sameHolder(row.orchestrator, holder) && ends === expires;
    });
  }
  return board.leases.some((lease) => {
    const session = board.orchestrators.find((row) => sameHolder(row.id, lease.holder));
    const ends = lease.expires ?? session?.expires ?? expires;
    const name = `${lease.resource.kind}:${lease.resource.name}`;
    return name === resource && sameHolder(lease.holder, holder) && lease.fence === fence && ends === expires;
  });
}
