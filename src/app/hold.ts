import { endsWithLongestHold, findOrchestrator } from "../domain/expiry.ts";
import type { Duration } from "../domain/instant.ts";
import { leaseNow } from "../domain/operations/lock.ts";
import type { Actor, Holding } from "../domain/request.ts";
import { type Resource, sameResource } from "../domain/resource.ts";
import { leasesOf } from "../domain/session.ts";
import { readSettings } from "../domain/settings.ts";
import type { LeaseView } from "../domain/verdict.ts";
import { refresh } from "../ledger/ledger.ts";
import type { Tip } from "../ledger/tip.ts";
import type { Coordination } from "./coordination.ts";
import { localTip } from "./local-tip.ts";
import { before, hasCome, type Moment, nowBy, termOf } from "./term.ts";
import { Upkeep } from "./upkeep.ts";

/** Why a process may not rely on its leases any more. */
export type Loss =
  /** Taken, broken, or never there: `now` is who holds it instead. */
  | { readonly kind: "taken"; readonly resource: Resource; readonly now: LeaseView | null }
  /** Its time is as good as over, and nothing has come of renewing it. */
  | { readonly kind: "expiring"; readonly resource: Resource; readonly problem: unknown };

export interface Holdup {
  readonly held: readonly Holding[];
  /** Told until when the leases may be relied upon, each time that changes: the work has to end `margin` before. */
  readonly onTerm: (ends: Moment, margin: Duration) => void;
  /** Aborted when they are needed no longer. */
  readonly signal: AbortSignal;
}

/** How keeping has ended, and what is still under way. */
export interface Kept {
  /** Null: the leases were needed no longer. */
  readonly loss: Loss | null;
  /** Waits for what is under way to finish, or ends it. */
  readonly settle: (how: "finish" | "give up") => Promise<void>;
}

/** How often the remote is asked whether the leases still stand: a break is noticed after this time. Milliseconds. */
const LOOK: Duration = 15_000;
/** How often the clocks and the tip that this clone knows are looked at. */
const TICK: Duration = 500;

/** Not at the end of the longest hold: then there is nothing that hurry would gain. */
function canBeRenewed({ board }: Tip, id: string, held: readonly Holding[]): boolean {
  const settings = readSettings(board);
  const own = leasesOf(board, id).filter((lease) =>
    held.some(({ resource }) => sameResource(resource, lease.resource)),
  );
  return !own.some((lease) => endsWithLongestHold(board, lease, settings));
}

/**
 * Keeps leases: renews them in time, together with others of this machine, and watches that they still stand.
 * @param tip that grants them
 * @param asked by the monotonic clock: before they were asked for
 * @returns as soon as they cannot be relied upon any more, or `signal` was aborted
 */
export async function keepHolding(
  coordination: Coordination,
  actor: Actor,
  tip: Tip,
  asked: Duration,
  { held, onTerm, signal }: Holdup,
): Promise<Kept> {
  const stopper = new AbortController();
  const { ledger } = coordination;
  const { clock, random } = ledger;
  const upkeep = new Upkeep({ ...coordination, signal: stopper.signal }, actor);
  let known = tip;
  let state = "";
  let ends: Moment = { wall: 0, monotonic: 0 };
  let margin = 0;
  let polled = asked;
  let lookDue = 0;
  let looking: Promise<unknown> | null = null;
  const settle: Kept["settle"] = async (how) => {
    if (how === "give up") stopper.abort(new Error("the leases are lost"));
    await looking;
    await upkeep.stop();
  };
  const pause = () => Math.min(LOOK, margin) * (0.5 + random.uniform() / 2);
  while (!signal.aborted) {
    const now = nowBy(clock);
    const term = termOf(known, actor.id, actor.session, held, polled, now);
    if (term.kind === "lost") {
      const { resource } = term;
      return { loss: { kind: "taken", resource, now: leaseNow(known.board, resource) }, settle };
    }
    // Only what was renewed counts from anew: the commits of others prolong nothing.
    const renewed = `${findOrchestrator(known.board, actor.id)?.lastSeen} ${term.ends.wall}`;
    if (renewed !== state) {
      ({ ends, margin } = term);
      state = renewed;
      lookDue = now.monotonic + pause();
      onTerm(ends, margin);
    }
    if (hasCome(before(ends, margin), now)) {
      const { resource } = held[0] as Holding;
      return { loss: { kind: "expiring", resource, problem: upkeep.problem }, settle };
    }
    await upkeep.tick(known, canBeRenewed(known, actor.id, held) ? ends.monotonic - margin : Infinity);
    if (now.monotonic >= lookDue && looking === null) {
      lookDue = now.monotonic + pause();
      looking = refresh(ledger, stopper.signal)
        .catch(() => null)
        .finally(() => {
          looking = null;
        });
    }
    polled = now.monotonic;
    await clock.sleep(Math.max(20, Math.min(TICK, margin / 4)), signal).catch(() => {});
    known = (await localTip(coordination)) ?? known;
  }
  return { loss: null, settle };
}
