import { findOrchestrator } from "../domain/expiry.ts";
import { type Duration, MINUTE } from "../domain/instant.ts";
import type { Actor } from "../domain/request.ts";
import type { Tip } from "../ledger/tip.ts";
import type { Coordination } from "./coordination.ts";
import { mayPush } from "./push-budget.ts";
import { longestDelay, renewTogether, shortestTime } from "./renewal.ts";

/** After a renewal that failed, or had to wait: how long until the next try, at most. Milliseconds. */
const RETRY: Duration = 5000;
/** How long one sign of life is good for; it is given anew each time a third of it is over. */
const PULSE: Duration = 15_000;

/**
 * Keeps one orchestrator alive from one process: gives its pulse, so that others of this machine may renew for
 * it, and renews when the time has come and nobody else has.
 */
export class Upkeep {
  readonly #name: string;
  #pulseDue = -Infinity;
  #due: Duration = Infinity;
  /** From then on it is renewed, whatever the push budget says. */
  #latest: Duration = Infinity;
  /** The shortest time that anything is granted for. */
  #time: Duration = Infinity;
  /** Far less of the time is left than its age says: then what was renewed just now is renewed all the same. */
  #isHurried = false;
  /** What `#due` was reckoned from. */
  #seen: unknown;
  #running: Promise<void> | null = null;
  #renewing: Duration | null = null;
  /** Why the last renewal did not come about. */
  problem: unknown = null;

  constructor(
    private readonly coordination: Coordination,
    private readonly actor: Actor,
  ) {
    this.#name = coordination.ledger.random.opId();
  }

  /**
   * To be called again and again with the tip that is known. Never waits for the remote.
   * @param end by the monotonic clock, when work that relies on what a renewal extends would have to stop: an answer that took long
   * has left less time than the board says
   */
  async tick(tip: Tip, end: Duration = Infinity): Promise<void> {
    const now = this.coordination.ledger.clock.monotonic();
    this.#plan(tip, now, end);
    if (now >= this.#pulseDue) await this.#pulse(now, this.#renewing);
    if (now < this.#due || this.#running !== null) return;
    if (now < this.#latest && !(await mayPush(this.coordination, tip))) {
      this.#due = Math.min(this.#latest, now + this.#pause());
      return;
    }
    this.#running = this.#renew().finally(() => {
      this.#running = null;
    });
  }

  /** Not all of a clone at the same moment. */
  #pause(): Duration {
    return RETRY * (0.2 + 0.8 * this.coordination.ledger.random.uniform());
  }

  /** Renewals fall due at a random time in the third of the term before its half, so that those of many meet in one. */
  #plan({ board }: Tip, now: Duration, end: Duration): void {
    const { clock, random } = this.coordination.ledger;
    const time = shortestTime(board, this.actor.id);
    const seen = findOrchestrator(board, this.actor.id)?.lastSeen ?? null;
    const state = `${seen} ${time}`;
    if (state === this.#seen) return;
    this.#seen = state;
    if (time === null || seen === null) {
      this.#due = Infinity;
      return;
    }
    this.#time = time;
    const age = Math.max(0, clock.wall() - seen);
    const part = time * (0.3 + 0.2 * random.uniform());
    // Those that nothing hurries are at least a minute apart.
    this.#due = now + Math.max(0, (time >= 2.5 * MINUTE ? Math.max(MINUTE, part) : part) - age);
    this.#latest = now + Math.max(0, (longestDelay(board, this.actor.id) ?? Infinity) - age);
    const left = Math.max(0, end - now);
    this.#isHurried = left < (time - age) / 2;
    if (this.#isHurried) this.#due = this.#latest = now + left / 2;
  }

  /** A pulse that cannot be written only means that nobody else renews for us. */
  async #pulse(now: Duration, renewing: Duration | null): Promise<void> {
    const { ledger, pulses } = this.coordination;
    this.#pulseDue = now + PULSE / 3;
    const pulse = { id: this.actor.id, bootId: ledger.clock.bootId(), until: now + PULSE, renewing };
    await pulses.put(this.#name, pulse).catch(() => {});
  }

  /** Whether another process is at it right now, so that its push is worth waiting for. */
  async #isUnderWay(now: Duration): Promise<boolean> {
    const { ledger, pulses } = this.coordination;
    const patience = Math.min(PULSE, this.#time / 8);
    const boot = ledger.clock.bootId();
    const others = await pulses.list().catch(() => []);
    return others.some(
      ({ bootId, renewing }) => bootId === boot && renewing !== null && now >= renewing && now - renewing < patience,
    );
  }

  async #renew(): Promise<void> {
    const { ledger } = this.coordination;
    const now = ledger.clock.monotonic();
    if (now < this.#latest && (await this.#isUnderWay(now))) {
      this.#due = now + this.#time / 32;
      return;
    }
    this.#renewing = now;
    await this.#pulse(now, now);
    this.#due = ledger.clock.monotonic() + this.#pause();
    try {
      await renewTogether(this.coordination, this.actor, this.#isHurried ? { ttl: null, expected: [] } : null);
      this.#seen = undefined;
      this.problem = null;
    } catch (error) {
      // The remote is away, or others won every race, or the disk is full: tried again as long as there is time.
      this.problem = error;
    } finally {
      this.#renewing = null;
      await this.#pulse(ledger.clock.monotonic(), null);
    }
  }

  /** Waits for what is under way, and takes back the pulse. */
  async stop(): Promise<void> {
    await this.#running;
    await this.coordination.pulses.remove(this.#name, this.actor.id).catch(() => {});
  }
}
