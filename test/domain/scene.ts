import { expect } from "vitest";
import { type Board, EMPTY_BOARD, type Task } from "../../src/domain/board.ts";
import { decide } from "../../src/domain/decide.ts";
import type { Duration, Instant } from "../../src/domain/instant.ts";
import type {
  Acquire,
  Actor,
  Add,
  Break,
  Claim,
  Complete,
  Configure,
  Join,
  Leave,
  Operation,
  Release,
  Renew,
  Request,
  Unlock,
  Wait,
  Withdraw,
} from "../../src/domain/request.ts";
import { type Resource, sameResource } from "../../src/domain/resource.ts";
import type { Context, Grant, Observation, Refusal, Verdict } from "../../src/domain/verdict.ts";

export const START: Instant = Date.UTC(2026, 0, 21, 14, 30, 0);
export const SECOND: Duration = 1000;
export const MINUTE: Duration = 60 * SECOND;
export const HOUR: Duration = 60 * MINUTE;

/** An orchestrator on its own machine, unless a session is named. */
export const actor = (id: string, session = `of-${id}`): Actor => ({ id, session, host: `${id}-laptop` });
export const ana = actor("ana");
export const bob = actor("bob");
export const eve = actor("eve");

export const join: Join = { op: "join" };
export const leave: Leave = { op: "leave" };
export const add = (title: string, more: Partial<Add> = {}): Add => ({
  op: "add",
  title,
  priority: 3,
  area: null,
  after: [],
  id: null,
  ...more,
});
export const claim = (task: string | null, more: Partial<Claim> = {}): Claim => ({
  op: "claim",
  task,
  area: null,
  with: [],
  ...more,
});
export const complete = (task: string, note: string | null = null): Complete => ({ op: "complete", task, note });
export const release = (task: string): Release => ({ op: "release", task, note: null });
export const acquire = (resources: readonly Resource[], more: Partial<Acquire> = {}): Acquire => ({
  op: "acquire",
  resources,
  ttl: null,
  reason: null,
  ...more,
});
export const wait = (resources: readonly Resource[], until: Instant): Wait => ({ op: "wait", resources, until });
export const withdraw = (resources: readonly Resource[]): Withdraw => ({ op: "withdraw", resources });
export const unlock = (resources: readonly Resource[] | null): Unlock => ({ op: "unlock", resources });
export const renew = (expected: Renew["expected"] = [], ttl: Duration | null = null): Renew => ({
  op: "renew",
  ttl,
  expected,
});
export const breaking = (resources: readonly Resource[], force = false): Break => ({
  op: "break",
  resources,
  force,
  reason: "its holder is gone",
});
export const set = (name: string, value: string): Configure => ({ op: "set", name, value });

export type Granted = Extract<Verdict, { kind: "granted" }>;
type GrantOf<Op extends Grant["op"]> = Extract<Grant, { op: Op }>;
type RefusalOf<Kind extends Refusal["kind"]> = Extract<Refusal, { kind: Kind }>;

/** A board that answers one request after another, as the ledger would, at times that the test sets. */
export class Scene {
  /** The ledger's time and this machine's wall clock: the same, unless `clock` says otherwise. */
  at: Instant = START;
  clock: Instant | null = null;
  seq = 1;
  observed: readonly Observation[] = [];

  constructor(public board: Board = EMPTY_BOARD) {}

  context(): Context {
    return { at: this.at, clock: this.clock ?? this.at, seq: this.seq + 1, observed: this.observed };
  }

  /** The answer alone: nothing is written. */
  decide(who: Actor, operation: Operation): Verdict {
    const request: Request = { opId: "op", actor: who, operation };
    return decide(this.board, request, this.context());
  }

  /** The answer; what it grants is written. */
  ask(who: Actor, operation: Operation): Verdict {
    const verdict = this.decide(who, operation);
    if (verdict.kind === "granted") {
      this.board = verdict.board;
      this.seq += 1;
    }
    return verdict;
  }

  /** Expects that the request is granted, and writes it. */
  grant<Op extends Grant["op"]>(who: Actor, operation: Operation & { op: Op }): GrantOf<Op> {
    return this.granted(who, operation).grant as GrantOf<Op>;
  }

  /** The same, with the evidence and what went to the archive. */
  granted(who: Actor, operation: Operation): Granted {
    const verdict = this.ask(who, operation);
    expect(verdict).toMatchObject({ kind: "granted" });
    return verdict as Granted;
  }

  /** Expects that it is already so. */
  unchanged<Op extends Grant["op"]>(who: Actor, operation: Operation & { op: Op }): GrantOf<Op> {
    const verdict = this.ask(who, operation);
    expect(verdict).toMatchObject({ kind: "unchanged" });
    return (verdict as Extract<Verdict, { kind: "unchanged" }>).grant as GrantOf<Op>;
  }

  /** Expects a refusal of that kind. */
  refused<Kind extends Refusal["kind"]>(who: Actor, operation: Operation, kind: Kind): RefusalOf<Kind> {
    const verdict = this.ask(who, operation);
    expect(verdict).toMatchObject({ kind: "refused", refusal: { kind } });
    return (verdict as Extract<Verdict, { kind: "refused" }>).refusal as RefusalOf<Kind>;
  }

  later(duration: Duration): void {
    this.at += duration;
  }

  holder(resource: Resource): string | null {
    return this.lease(resource)?.holder ?? null;
  }

  lease(resource: Resource) {
    return this.board.leases.find((lease) => sameResource(lease.resource, resource));
  }

  task(id: string): Task | undefined {
    return this.board.tasks.find((task) => task.id === id);
  }

  row(id: string) {
    return this.board.orchestrators.find((row) => row.id === id);
  }
}
