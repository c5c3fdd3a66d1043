import type { Board, Lease } from "../domain/board.ts";
import { isOver, leaseExpiry } from "../domain/expiry.ts";
import { idKey, type OrchestratorId } from "../domain/identifier.ts";
import type { Instant } from "../domain/instant.ts";
import { formatResource, overlaps, type ResourceKind, resourceKey } from "../domain/resource.ts";
import type { Evidence } from "../domain/verdict.ts";
import type { Oid } from "../ledger/ports.ts";
import { actorOf, type Link, timeOf } from "./link.ts";

/** How a hold ended. `taken`: somebody else has it now; `expired`: its time was over and nobody took it. */
export type HoldEnd = "released" | "expired" | "broken" | "taken" | "open";

/** One lease from its grant to its end. */
export interface Hold {
  readonly kind: ResourceKind;
  readonly resource: string;
  readonly holder: OrchestratorId;
  readonly fence: number | null;
  readonly from: Instant;
  /** Null while it is open. */
  readonly to: Instant | null;
  readonly end: HoldEnd;
  /** The commit that granted it; null when that is older than what was read. */
  readonly granted: Oid | null;
  readonly ended: Oid | null;
  /** Whose commit ended it. */
  readonly endedBy: string | null;
  /** Its grant or its end was written by hand. */
  readonly byHand: boolean;
  readonly reason: string | null;
}

/** One place in a line. */
export interface Wait {
  readonly resource: string;
  readonly orchestrator: OrchestratorId;
  readonly from: Instant;
  readonly to: Instant | null;
  /** It got what it waited for. */
  readonly granted: boolean;
}

interface Open {
  readonly lease: Lease;
  readonly expires: Instant | null;
  readonly from: Instant;
  readonly granted: Oid | null;
  readonly byHand: boolean;
}

const keyOf = ({ resource, holder, fence }: Lease): string => `${resourceKey(resource)} ${idKey(holder)} ${fence}`;

/** Follows the boards of a chain, oldest first, and turns them into intervals. */
export class HoldTracker {
  readonly holds: Hold[] = [];
  readonly waits: Wait[] = [];
  #open = new Map<string, Open>();
  #waiting = new Map<string, { readonly resource: string; readonly orchestrator: string; readonly from: Instant }>();
  #isFirst = true;

  /** A board that cannot be read tells nothing: what was held before is taken to be held still. */
  follow(link: Link): void {
    if (!link.state.ok) return;
    const { board } = link.state;
    const next = new Map(board.leases.map((lease) => [keyOf(lease), lease]));
    for (const [key, open] of this.#open) if (!next.has(key)) this.#end(open, link, board);
    const opened = new Map<string, Open>();
    for (const [key, lease] of next) opened.set(key, this.#openedBy(link, board, key, lease));
    this.#open = opened;
    this.#followWaiters(link, board);
    this.#isFirst = false;
  }

  /** What is still held or waited for at the end. */
  finish(now: Instant): void {
    for (const open of this.#open.values()) {
      const over = isOver(open.expires, now);
      this.holds.push(toHold(open, { to: over ? open.expires : null, end: over ? "expired" : "open", by: null }));
    }
    for (const { resource, orchestrator, from } of this.#waiting.values()) {
      this.waits.push({ resource, orchestrator, from, to: null, granted: false });
    }
  }

  #openedBy(link: Link, board: Board, key: string, lease: Lease): Open {
    const expires = leaseExpiry(board, lease);
    const known = this.#open.get(key);
    if (known) return { ...known, lease, expires };
    const from = lease.since ?? timeOf(link);
    return { lease, expires, from, granted: this.#isFirst ? null : link.commit.oid, byHand: isByHand(link) };
  }

  #end(open: Open, link: Link, board: Board): void {
    // Who had a slot of it before took nothing.
    const newcomers = board.leases.filter((lease) => !this.#open.has(keyOf(lease)));
    const end = endingOf(open.lease, link, { ...board, leases: newcomers });
    const at = timeOf(link);
    const to = end === "released" ? at : Math.min(at, open.expires ?? at);
    const byHand = open.byHand || isByHand(link);
    this.holds.push(toHold({ ...open, byHand }, { to: Math.max(to, open.from), end, by: link }));
  }

  #followWaiters(link: Link, board: Board): void {
    const key = (resource: string, id: string) => `${resource} ${idKey(id)}`;
    const next = new Map(
      board.waiters.map(({ resource, orchestrator, since }) => {
        const name = formatResource(resource);
        return [key(name, orchestrator), { resource: name, orchestrator, from: since ?? timeOf(link) }] as const;
      }),
    );
    for (const [id, wait] of this.#waiting) {
      if (next.has(id)) continue;
      const granted = board.leases.some((lease) => key(formatResource(lease.resource), lease.holder) === id);
      this.waits.push({ ...wait, to: timeOf(link), granted });
    }
    this.#waiting = next;
  }
}

const isByHand = ({ reading }: Link): boolean =>
  reading.kind !== "entry" || reading.entry.op === "edit" || reading.entry.op === "repair";

function endingOf(lease: Lease, link: Link, board: Board): HoldEnd {
  const rival = board.leases.some(
    (other) => idKey(other.holder) !== idKey(lease.holder) && overlaps(other.resource, lease.resource),
  );
  if (link.reading.kind !== "entry" || isByHand(link)) return rival ? "taken" : "broken";
  const { op, evidence } = link.reading.entry;
  if (op === "break") return "broken";
  if (evidence.some((proof) => isAbout(proof, lease))) return rival ? "taken" : "expired";
  if (idKey(actorOf(link)) !== idKey(lease.holder)) return rival ? "taken" : "broken";
  // Its holder has it still, under a new fence: the old grant was over.
  const again = board.leases.some(
    (other) =>
      idKey(other.holder) === idKey(lease.holder) && resourceKey(other.resource) === resourceKey(lease.resource),
  );
  return again ? "expired" : "released";
}

function isAbout(proof: Evidence, { resource, holder }: Lease): boolean {
  const isOf = idKey(proof.holder) === idKey(holder);
  return isOf && (proof.resource === formatResource(resource) || proof.resource.startsWith("orchestrator:"));
}

function toHold(
  { lease, from, granted, byHand }: Open,
  { to, end, by }: { readonly to: Instant | null; readonly end: HoldEnd; readonly by: Link | null },
): Hold {
  const { resource, holder, fence, reason } = lease;
  return {
    ...{ kind: resource.kind, resource: formatResource(resource), holder, fence, from, to, end, granted },
    ...{ ended: by?.commit.oid ?? null, endedBy: by && actorOf(by), byHand, reason },
  };
}
