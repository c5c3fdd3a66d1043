import type { Coordination } from "../app/coordination.ts";
import { renew } from "../app/locks.ts";
import type { Outcome } from "../app/outcome.ts";
import { mayPush } from "../app/push-budget.ts";
import { longestDelay } from "../app/renewal.ts";
import { join, leave } from "../app/session.ts";
import { findOrchestrator, viewLease } from "../domain/expiry.ts";
import { idKey } from "../domain/identifier.ts";
import type { Instant } from "../domain/instant.ts";
import { formatResource } from "../domain/resource.ts";
import { Keepalive } from "./keepalive.ts";
import { Queue } from "./queue.ts";

/** How many things that were lost between two renewals are found out one by one. */
const MOST_LOSSES = 64;

/**
 * What one server process is on the board: an orchestrator that joins when it first writes, whose leases live as
 * long as its client, and which leaves with it.
 */
export class Session {
  readonly #coordination: Coordination;
  readonly #report: (words: string) => void;
  readonly #queue = new Queue();
  readonly #keepalive: Keepalive;
  #id: string | null = null;
  #losses: string[] = [];

  /** @param report told of what goes wrong while nobody asks */
  constructor(coordination: Coordination, report: (words: string) => void) {
    this.#coordination = coordination;
    this.#report = report;
    this.#keepalive = new Keepalive(coordination.ledger.clock, () =>
      this.#queue.run(() => this.#renew()).catch(() => {}),
    );
  }

  /** The orchestrator's id, as far as it is known: it is given by the start of the server, or at the first write. */
  get id(): string | null {
    return this.#id ?? this.#coordination.identity;
  }

  /** The local wall clock. */
  now(): Instant {
    return this.#coordination.ledger.clock.wall();
  }

  /** What was found lost since somebody last asked; each is told once. */
  takeLosses(): readonly string[] {
    return this.#losses.splice(0);
  }

  /** Reads; several at once share one answer. @throws LedgerFailure, GitFailure, QueueClosed */
  read<T>(key: string, work: (coordination: Coordination) => Promise<T>): Promise<T> {
    return this.#queue.share(key, () => work(this.#own()));
  }

  /** Writes, joined. @throws LedgerFailure, GitFailure, QueueClosed, or the signal's reason */
  write<T>(work: (coordination: Coordination) => Promise<Outcome<T>>, signal?: AbortSignal): Promise<Outcome<T>> {
    return this.#queue.run(async () => {
      if (this.#id === null) {
        const joined = await join(this.#coordination);
        if (!joined.ok) return joined;
        this.#id = joined.value.orchestrator.id;
      }
      try {
        return await work({ ...this.#own(), signal });
      } finally {
        this.#keepalive.watch(this.#firstExpiry());
      }
    }, signal);
  }

  /** Gives everything back, after what is under way. Never throws: what cannot be given back now expires. */
  async close(): Promise<void> {
    await this.#queue.close();
    // Only now: what was under way has set it going again.
    this.#keepalive.stop();
    if (this.#id === null) return;
    await leave(this.#own()).catch((error: unknown) =>
      this.#report(`could not give everything back: ${String(error)}`),
    );
  }

  #own(): Coordination {
    return this.#id === null ? this.#coordination : { ...this.#coordination, identity: this.#id };
  }

  async #renew(): Promise<void> {
    if (await this.#mayWait()) return;
    try {
      for (let round = 0; round < MOST_LOSSES; round += 1) {
        const outcome = await renew(this.#own());
        if (outcome.ok || outcome.failure.kind !== "refused" || outcome.failure.refusal.kind !== "lost") return;
        this.#losses.push(formatResource(outcome.failure.refusal.resource));
      }
    } catch (error) {
      this.#report(`a renewal failed, and will be tried again: ${String(error)}`);
      return;
    } finally {
      this.#keepalive.watch(this.#firstExpiry());
    }
  }

  /** Whether the push budget is used up, and the renewal can be put off: it is tried again in what is left. */
  async #mayWait(): Promise<boolean> {
    const { tip } = this.#coordination.ledger.memory;
    if (tip === null || this.#id === null) return false;
    const seen = findOrchestrator(tip.board, this.#id)?.lastSeen ?? Number.NEGATIVE_INFINITY;
    const latest = seen + (longestDelay(tip.board, this.#id) ?? Number.NEGATIVE_INFINITY);
    return this.now() < latest && !(await mayPush(this.#coordination, tip));
  }

  /** Of what this session holds on the board that was seen last. */
  #firstExpiry(): Instant | null {
    const board = this.#coordination.ledger.memory.tip?.board;
    if (!board || this.#id === null) return null;
    const own = board.leases.filter(({ holder }) => idKey(holder) === idKey(this.#id ?? ""));
    const ends = own.flatMap((lease) => viewLease(board, lease).expires ?? []);
    return ends.length === 0 ? null : Math.min(...ends);
  }
}
