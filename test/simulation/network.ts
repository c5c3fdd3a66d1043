/**
 * What lies between the machines and the server. A push is two exchanges, as in git: the client hears the
 * remote's tip (and stops there with `=`, `rejected` or, when nobody answers, `unsent`), then sends; the server
 * compares again when the push arrives. Each part can be lost, cut off or held up.
 * It does not model a server that lies, or one whose ref moves without a push (see `rewind` in simulate.ts).
 */
import type { Oid, PushOutcome } from "../../src/ledger/ports.ts";
import { type Faults, within } from "./faults.ts";
import type { Rng } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Server } from "./server.ts";

export type Heard = { readonly kind: "tip"; readonly tip: Oid | null } | { readonly kind: "nothing" };
export type Answer = (delay: number, outcome: PushOutcome) => void;

export class Network {
  /** From now on nothing goes wrong any more. */
  calm = false;

  constructor(
    private readonly scheduler: Scheduler,
    readonly server: Server,
    private readonly faults: Faults,
    private readonly rng: Rng,
    private readonly note: (text: () => string) => void,
  ) {}

  delay(): number {
    return this.rng.between(...this.faults.latency);
  }

  #happens(chance: number): boolean {
    return !this.calm && chance > 0 && this.rng.chance(chance);
  }

  get #isDown(): boolean {
    return !this.calm && within(this.faults.outages, this.scheduler.now);
  }

  /** The first thing that git hears of a remote. */
  connect(): Heard {
    if (this.#isDown || this.#happens(this.faults.unreachable)) return { kind: "nothing" };
    return { kind: "tip", tip: this.server.tip };
  }

  /** Whether git could tell that nothing was sent, after it heard nothing. */
  knowsUnsent(): boolean {
    return this.rng.chance(0.5);
  }

  /** Sends a push that the client believes to be good. */
  send(base: Oid | null, commit: Oid, answer: Answer): void {
    const { faults, rng } = this;
    const travel = (delay: number, reply: Answer) =>
      this.scheduler.at(delay, () => {
        if (this.#isDown) reply(this.delay(), CUT_OFF);
        else this.#receive(base, commit, reply);
      });
    const silence: Answer = () => {};
    const isDropped = this.#happens(faults.dropped);
    const isLate = !isDropped && this.#happens(faults.late);
    const isUnanswered = isDropped || isLate || this.#happens(faults.lostReply);
    if (!isDropped) travel(isLate ? rng.between(0, 8000) : this.delay(), isUnanswered ? silence : answer);
    if (isUnanswered) answer(rng.between(0, 1500), CUT_OFF);
  }

  #receive(base: Oid | null, commit: Oid, answer: Answer): void {
    const { server, faults } = this;
    const objection = this.#objection(base);
    if (objection !== null) {
      this.note(() => `server refuses ${short(commit)}: ${objection}`);
      answer(this.delay(), { kind: "remote_rejected", words: objection });
      return;
    }
    const land = () => {
      server.locked = false;
      server.land(this.scheduler.now, commit);
      this.note(() => `server: ${short(base)} -> ${short(commit)}`);
      answer(this.delay(), { kind: "landed" });
    };
    server.locked = this.#happens(faults.slowHook);
    if (server.locked) this.scheduler.at(this.rng.between(10, 700), land);
    else land();
  }

  #objection(base: Oid | null): string | null {
    const { server, faults } = this;
    if (!this.calm && within(faults.refusals, this.scheduler.now)) return "pre-receive hook declined";
    if (server.locked) return "cannot lock ref";
    return server.tip === base ? null : `is at ${short(server.tip)} but expected ${short(base)}`;
  }
}

const CUT_OFF: PushOutcome = { kind: "unknown", words: "the remote end hung up unexpectedly" };

/** An oid as people read it in a trace. */
export function short(oid: Oid | null): string {
  return oid === null ? "nothing" : `c${Number.parseInt(oid.slice(0, 12), 16)}`;
}
