import type { Board, Waiter } from "../domain/board.ts";
import { decide } from "../domain/decide.ts";
import { findOrchestrator } from "../domain/expiry.ts";
import { idKey } from "../domain/identifier.ts";
import type { Duration, Instant } from "../domain/instant.ts";
import type { Acquire, Actor, Operation } from "../domain/request.ts";
import { type Resource, sameResource } from "../domain/resource.ts";
import { leasesOf } from "../domain/session.ts";
import { readSettings } from "../domain/settings.ts";
import type { Refusal, Verdict } from "../domain/verdict.ts";
import { LedgerFailure, unreachable } from "../ledger/failure.ts";
import { refresh } from "../ledger/ledger.ts";
import type { Tip } from "../ledger/tip.ts";
import { askAs, type Granted } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import { localTip } from "./local-tip.ts";
import { failed, type Outcome } from "./outcome.ts";
import { Upkeep } from "./upkeep.ts";

export type Held = Extract<Refusal, { readonly kind: "held" }>;

/** What somebody in line can be shown while it waits. */
export interface InLine {
  readonly refusal: Held;
  /** When it gives up. */
  readonly until: Instant;
}

export interface Patience {
  /** How long it may take. */
  readonly wait: Duration;
  /** Told again and again where one stands. */
  readonly onWaiting?: ((view: InLine) => void) | undefined;
  /** Told right before the leases are asked for: from then on they age. */
  readonly onAsking?: (() => void) | undefined;
}

/** How often the tip that this clone knows is looked at, and the shortest and longest pause between two fetches. */
const LOCAL: Duration = 250;
const SHORTEST: Duration = 500;
const LONGEST: Duration = 5000;
/** A pause is at least so many times as long as the fetch before it: many who wait are not to keep a busy machine busy. */
const AT_MOST_BUSY = 2;

/**
 * Takes locks and files as soon as it is the actor's turn. One commit enters the line; from then on the tip is
 * only watched, with fetches whose pauses grow while nothing changes. Leaves the line when it gives up.
 * @returns the refusal of the last moment when the patience is over or the coordination's signal was aborted;
 * refused with `session_over` when its orchestrator has left meanwhile
 */
export async function acquireInLine(
  coordination: Coordination,
  actor: Actor,
  wish: Acquire,
  { wait, onWaiting, onAsking }: Patience,
): Promise<Outcome<Granted<"acquire">>> {
  const { clock } = coordination.ledger;
  const end = clock.monotonic() + wait;
  const until = clock.wall() + wait;
  const { remote } = coordination.ledger;
  if (((await remote.restsUntil()) ?? 0) > until) throw await unreachable(remote, "");
  onAsking?.();
  const first = await askAs<"acquire">(coordination, actor, wish);
  if (!isHeld(first)) return first;
  const line = new Line(coordination, actor, wish, until);
  try {
    for (let tip = await line.enter(); ; tip = await line.change(end)) {
      if (await line.hasLeft()) return await line.stayAway(tip);
      const verdict = line.decide(tip, wish);
      if (verdict.kind === "refused" && verdict.refusal.kind === "held" && line.isIn) {
        onWaiting?.({ refusal: verdict.refusal, until });
        if (clock.monotonic() >= end || coordination.signal?.aborted) return await line.giveUp(tip, verdict.refusal);
      } else {
        onAsking?.();
        const outcome = await askAs<"acquire">(coordination, actor, wish);
        if (!isHeld(outcome) || !line.isIn) return outcome;
      }
    }
  } catch (error) {
    // Whatever has happened: nobody is to wait for somebody who does not wait any more.
    await line.leave().catch(() => {});
    throw error;
  } finally {
    await line.stop();
  }
}

function isHeld(outcome: Outcome<unknown>): boolean {
  return !outcome.ok && outcome.failure.kind === "refused" && outcome.failure.refusal.kind === "held";
}

/** One wish that stands in line. */
class Line {
  readonly #upkeep: Upkeep;
  #tip: Tip | null = null;
  #pause: Duration = SHORTEST;
  #fetchDue: Duration = 0;
  /** Since when there has been something to free for whoever is first. */
  #reapable: Duration | null = null;

  constructor(
    private readonly coordination: Coordination,
    private readonly actor: Actor,
    private readonly wish: Acquire,
    private readonly until: Instant,
  ) {
    this.#upkeep = new Upkeep(coordination, actor);
  }

  decide(tip: Tip, operation: Operation): Verdict {
    const { clock, memory } = this.coordination.ledger;
    const wall = clock.wall();
    const context = { at: Math.max(wall, tip.at), seq: tip.seq + 1, clock: wall, observed: memory.observed };
    return decide(tip.board, { opId: "", actor: this.actor, operation }, context);
  }

  /** Whether the ledger has let this one into the line: it may be another session's name by now. */
  isIn = true;

  async enter(): Promise<Tip> {
    const { resources } = this.wish;
    const outcome = await askAs<"wait">(this.coordination, this.actor, { op: "wait", resources, until: this.until });
    this.isIn = outcome.ok;
    this.#reapable = null;
    return this.#known(await localTip(this.coordination));
  }

  /** The next tip that is worth looking at, or the same one when it is time to ask the clocks again. */
  async change(end: Duration): Promise<Tip> {
    const { coordination } = this;
    const { ledger, signal } = coordination;
    const { clock, random } = ledger;
    const tip = this.#known(this.#tip);
    if (!this.#stands(tip)) return this.enter();
    if (this.#mayReap(tip)) return this.enter();
    const now = clock.monotonic();
    // Whoever holds something has to stay alive while it waits.
    if (leasesOf(tip.board, this.actor.id).length > 0) await this.#upkeep.tick(tip);
    if (now >= this.#fetchDue) {
      const asked = clock.monotonic();
      const seen = await refresh(ledger, signal).catch((error: unknown) => {
        if (error instanceof LedgerFailure && error.code === "unreachable" && now < end) return null;
        throw error;
      });
      const isNews = seen !== null && seen.commit !== tip.commit;
      this.#pause = isNews ? SHORTEST : Math.min(this.#pause * 1.5, LONGEST);
      const ended = clock.monotonic();
      const wanted = Math.max(this.#pause * this.#patience(seen ?? tip), AT_MOST_BUSY * (ended - asked));
      this.#fetchDue = ended + Math.min(wanted, this.#longest(tip)) * (0.5 + random.uniform() / 2);
      if (isNews) return this.#known(seen);
    }
    const left = Math.max(0, Math.min(LOCAL, end - clock.monotonic(), this.#fetchDue - clock.monotonic()));
    await clock.sleep(left, signal).catch(() => {});
    // Another process of this clone may have moved the tip: a release next door is seen at once.
    const oid = await ledger.remote.knownTip();
    return oid === tip.commit ? tip : this.#known(await localTip(coordination));
  }

  #known(tip: Tip | null): Tip {
    const known = tip ?? this.#tip;
    if (known === null) throw new LedgerFailure({ code: "no_branch" });
    if (known.commit !== this.#tip?.commit) this.#pause = SHORTEST;
    this.#tip = known;
    return known;
  }

  /** Whoever is next must look often enough to use its turn. */
  #longest({ board }: Tip): Duration {
    const { handOverGrace } = readSettings(board);
    return Math.max(SHORTEST, Math.min(LONGEST, handOverGrace / 4));
  }

  /** Whoever is next looks most often, whoever is behind need not know at once that the line has moved. */
  #patience({ board }: Tip): number {
    const others = this.wish.resources.map((resource) => {
      const own = this.#rowOf(board, resource);
      return own ? board.waiters.filter((each) => sameResource(each.resource, resource)).indexOf(own) : 0;
    });
    return 1 + Math.max(0, ...others) / 2;
  }

  /** Its own place in the line for one resource. */
  #rowOf({ waiters }: Board, resource: Resource): Waiter | undefined {
    const id = idKey(this.actor.id);
    return waiters.find((each) => idKey(each.orchestrator) === id && sameResource(each.resource, resource));
  }

  /** Whether all of the wish stands in the line: somebody who took this one for dead has gone past it. */
  #stands({ board }: Tip): boolean {
    const row = findOrchestrator(board, this.actor.id);
    const own = leasesOf(board, this.actor.id);
    return (
      row !== undefined &&
      this.wish.resources.every(
        (resource) =>
          own.some((lease) => sameResource(lease.resource, resource)) || this.#rowOf(board, resource) !== undefined,
      )
    );
  }

  /** A dead holder is the business of the first in line; the others free it only when that one seems dead, too. */
  #mayReap(tip: Tip): boolean {
    const now = this.coordination.ledger.clock.monotonic();
    const { resources } = this.wish;
    const rows = resources.map((resource) => this.#rowOf(tip.board, resource));
    const until = rows.find((row) => row !== undefined)?.until ?? this.until;
    const isOver = this.decide(tip, { op: "wait", resources, until }).kind === "granted";
    if (!isOver) this.#reapable = null;
    else this.#reapable ??= now;
    return this.#reapable !== null && now - this.#reapable >= readSettings(tip.board).handOverGrace;
  }

  /** Whether another process has ended the session for good: `leave` forgets its secret. */
  async hasLeft(): Promise<boolean> {
    return (await this.coordination.sessions.get(this.actor.id)) !== this.actor.session;
  }

  /** Whoever has left is not to be registered again by a process that still waits: nobody could use the id then. */
  async stayAway(tip: Tip): Promise<Outcome<never>> {
    await askAs<"leave">({ ...this.coordination, signal: undefined }, this.actor, { op: "leave" });
    return failed({ kind: "refused", refusal: { kind: "session_over", id: this.actor.id } }, tip);
  }

  async giveUp(tip: Tip, refusal: Held): Promise<Outcome<never>> {
    // Its row on the board ends now by itself: to take it away is not worth another wait.
    const { remote } = this.coordination.ledger;
    if ((await remote.restsUntil()) !== null) throw await unreachable(remote, "");
    await this.leave();
    return failed({ kind: "refused", refusal }, tip);
  }

  /** Also when whoever asked has given up already. */
  async leave(): Promise<void> {
    const { resources } = this.wish;
    await askAs<"withdraw">({ ...this.coordination, signal: undefined }, this.actor, { op: "withdraw", resources });
  }

  async stop(): Promise<void> {
    await this.#upkeep.stop();
  }
}
