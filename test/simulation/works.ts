/** I7, judged from outside: as long as a command runs, what it relies on is its own. */
import { readEntry } from "../../src/ledger/entry.ts";
import type { Chain, Link } from "./chain.ts";
import type { Report } from "./checker.ts";
import type { Machine } from "./machine.ts";
import { sameHolder } from "./model.ts";
import type { Work } from "./record.ts";
import type { World } from "./world.ts";

export function checkWorks(
  { works, bugs }: World,
  machines: readonly Machine[],
  { links }: Chain,
  report: Report,
): void {
  for (const error of bugs) report("bug", String(error instanceof Error ? error.stack : error));
  for (const work of works) {
    const machine = machines.find(({ name }) => name === work.machine) as Machine;
    for (const resource of work.resources) {
      const isHeld = ({ board }: Link) => leaseOf(board, resource, work) !== undefined;
      const granted = links.find(isHeld);
      if (!granted) {
        report("I7", `${work.process} worked on ${resource} with fence ${work.fence}, which was never granted`);
        continue;
      }
      const taken = links.find((link) => link.seq > granted.seq && !isHeld(link));
      // What its own orchestrator gives away, or somebody breaks by force, it can only learn of afterwards.
      if (taken && taken.landed < work.ended && !isOwnDoing(taken, work)) {
        report(
          "I7",
          `${work.process} worked on ${resource} (fence ${work.fence}) until ${work.ended}, but it was taken at ${taken.landed}`,
        );
      }
      const then = links.filter((link) => isHeld(link) && link.landed <= work.ended).at(-1);
      const expires = then && leaseOf(then.board, resource, work)?.expires;
      const wall = machine.clock.start + work.ended;
      if (expires && wall > expires && !(taken && taken.landed < work.ended)) {
        report("I7", `${work.process} worked on ${resource} for ${wall - expires} ms after its lease was over`);
      }
    }
  }
}

const leaseOf = ({ leases }: Link["board"], resource: string, { holder, fence }: Work) =>
  leases.find(
    (lease) =>
      `${lease.resource.kind}:${lease.resource.name}` === resource &&
      sameHolder(lease.holder, holder) &&
      lease.fence === fence,
  );

function isOwnDoing({ message }: Link, { holder }: Work): boolean {
  const reading = readEntry(message);
  return reading.kind !== "entry" || reading.entry.op === "break" || sameHolder(reading.entry.actor, holder);
}
