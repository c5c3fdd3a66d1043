import { setImmediate } from "node:timers/promises";
import { expect } from "vitest";
import {
  type Coordination,
  type Failure,
  init,
  LedgerFailure,
  type OpenOptions,
  type Outcome,
  openCoordination,
} from "../../src/index.ts";
import type { Clock } from "../../src/ledger/ports.ts";
import { type Clone, makeClone } from "../support/clone.ts";
import { pathServer, type RemoteServer } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const START = Date.UTC(2026, 0, 21, 14, 30, 0);

/** A machine's clocks, which move only when the test says so. */
export class HandClock implements Clock {
  #wall = START;
  #monotonic = 0;
  #boot = 1;
  wall = () => this.#wall;
  monotonic = () => this.#monotonic;
  bootId = () => `boot-${this.#boot}`;
  async sleep(_duration: number, signal?: AbortSignal): Promise<void> {
    await setImmediate(undefined, { signal });
  }
  /** Time goes by. */
  pass(duration: number): void {
    this.#wall += duration;
    this.#monotonic += duration;
  }
  /** Somebody sets the clock: no time goes by. */
  shift(duration: number): void {
    this.#wall += duration;
  }
  reboot(): void {
    this.#boot += 1;
    this.#monotonic = 0;
  }
}

export interface Machine {
  readonly clone: Clone;
  readonly clock: HandClock;
  /** As a fresh process of an orchestrator on this machine would. */
  open(as: string | null, options?: Partial<OpenOptions>): Promise<Coordination>;
}

export interface Team {
  readonly sandbox: Sandbox;
  readonly server: RemoteServer;
  /** Two machines, with a clone and a clock of their own, and one server. */
  readonly here: Machine;
  readonly there: Machine;
  /** Time goes by on all of them. */
  pass(duration: number): void;
}

/** Two machines whose server has no coordination branch yet. */
export async function strangers(): Promise<Team> {
  const sandbox = await testSandbox();
  const server = await pathServer(sandbox);
  const [here, there] = await Promise.all([makeMachine(sandbox, server), makeMachine(sandbox, server)]);
  const pass = (duration: number) => {
    for (const { clock } of [here, there]) clock.pass(duration);
  };
  return { sandbox, server, here, there, pass };
}

/** Two machines with a fresh board. */
export async function team(): Promise<Team> {
  const all = await strangers();
  ok(await init(await all.here.open(null)));
  return all;
}

async function makeMachine(sandbox: Sandbox, server: RemoteServer): Promise<Machine> {
  const clone = await makeClone(sandbox, server);
  const clock = new HandClock();
  const open = (as: string | null, options: Partial<OpenOptions> = {}) =>
    openCoordination({ cwd: clone.path, env: clone.env, as, clock, ...options });
  return { clone, clock, open };
}

type Done<T> = Extract<Outcome<T>, { ok: true }>;

/** Expects success. */
export function ok<T>(outcome: Outcome<T>): Done<T> & { readonly value: T } {
  expect(outcome).toMatchObject({ ok: true });
  return outcome as Done<T>;
}

type FailureOf<Kind extends Failure["kind"]> = Extract<Failure, { kind: Kind }>;

/** Expects a failure of that kind. */
export function no<Kind extends Failure["kind"]>(outcome: Outcome<unknown>, kind: Kind): FailureOf<Kind> {
  expect(outcome).toMatchObject({ ok: false, failure: { kind } });
  return (outcome as Extract<Outcome<unknown>, { ok: false }>).failure as FailureOf<Kind>;
}

/** Expects that the environment does not allow an answer. */
export async function thrown(attempt: Promise<unknown>): Promise<LedgerFailure["data"]> {
  const error = await attempt.then(
    (value) => expect.fail(`answered: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LedgerFailure);
  return (error as LedgerFailure).data;
}
