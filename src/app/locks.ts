import { isIdentifier } from "../domain/identifier.ts";
import { isTaskId } from "../domain/queue.ts";
import type { Resource } from "../domain/resource.ts";
import { LedgerFailure } from "../ledger/failure.ts";
import { knownTip, refresh } from "../ledger/ledger.ts";
import type { Tip } from "../ledger/tip.ts";
import { ask, type Granted, identityOf, outcomeOf } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import { toHoldings } from "./holdings.ts";
import { needSome, readDuration, readInput, readLockName, readPath, readResource, readText } from "./input.ts";
import { type Outcome, usage } from "./outcome.ts";
import { acquireInLine, type Patience } from "./queueing.ts";
import { renewTogether } from "./renewal.ts";

export interface Locking {
  readonly locks?: readonly string[];
  readonly files?: readonly string[];
  /** `90s`, `10m`; absent: the time that Settings give to each kind. */
  readonly ttl?: string | null;
  readonly reason?: string | null;
  /** How long to wait in line for what is held; absent: not at all. */
  readonly wait?: string | null;
}

function readNamed({ locks = [], files = [] }: Pick<Locking, "locks" | "files">): readonly Resource[] {
  return [...locks.map(readLockName), ...files.map(readPath)];
}

/** What is wanted and how long to wait for it, read and checked. */
export function readLocking(wish: Locking) {
  return readInput(() => ({
    acquire: {
      op: "acquire" as const,
      resources: needSome(readNamed(wish), "lock or file", "For example `git coord lock build -f src/main.c`."),
      ttl: wish.ttl != null ? readDuration(wish.ttl) : null,
      reason: wish.reason ? readText("reason", wish.reason) : null,
    },
    wait: wish.wait != null ? readDuration(wish.wait) : null,
  }));
}

/**
 * Takes named locks and file or directory locks, all or nothing; with `wait`, first come, first served.
 * Refused with `held`, with `wait` only when that time is over.
 */
export async function lock(
  coordination: Coordination,
  wish: Locking,
  onWaiting?: Patience["onWaiting"],
): Promise<Outcome<Granted<"acquire">>> {
  const input = readLocking(wish);
  if (!input.ok) return usage(input.problem);
  const { acquire, wait } = input.value;
  if (wait === null) return ask<"acquire">(coordination, acquire);
  const who = identityOf(coordination);
  if (!who.ok) return usage(who.problem);
  const session = await coordination.sessions.obtain(who.value);
  const actor = { id: who.value, session, host: coordination.host };
  return acquireInLine(coordination, actor, acquire, { wait, onWaiting });
}

export interface Unlocking extends Pick<Locking, "locks" | "files"> {
  /** Every lock and file; tasks stay. */
  readonly all?: boolean;
}

/** Gives locks and files back. Refused with `lost` when the actor does not hold one of them; then all stay. */
export async function unlock(coordination: Coordination, wish: Unlocking): Promise<Outcome<Granted<"unlock">>> {
  const input = readInput(() => ({
    op: "unlock" as const,
    resources: wish.all
      ? null
      : needSome(readNamed(wish), "lock or file", "For example `git coord unlock build`, or --all."),
  }));
  return input.ok ? ask<"unlock">(coordination, input.value) : usage(input.problem);
}

/**
 * Extends everything held and the session; in the same push, what is due of others whose processes on this
 * machine are alive. Refused with `lost` when something is no longer held.
 */
export async function renew(
  coordination: Coordination,
  wish: { readonly ttl?: string | null } = {},
): Promise<Outcome<Granted<"renew">>> {
  const who = identityOf(coordination);
  if (!who.ok) return usage(who.problem);
  const expected = toHoldings(await coordination.holdings.load(who.value));
  const input = readInput(() => ({ ttl: wish.ttl != null ? readDuration(wish.ttl) : null, expected }));
  if (!input.ok) return usage(input.problem);
  const session = await coordination.sessions.obtain(who.value);
  const actor = { id: who.value, session, host: coordination.host };
  const { told, settled } = await renewTogether(coordination, actor, input.value);
  return outcomeOf<"renew">(coordination, actor, told, settled);
}

export interface Breaking {
  readonly resources: readonly string[];
  /** Also a live lease. */
  readonly force?: boolean;
  readonly reason: string;
}

/** Frees stale leases; with `force` live ones. Refused with `held` when a lease is live, or nothing proves that it is not. */
export async function breakLeases(coordination: Coordination, wish: Breaking): Promise<Outcome<Granted<"break">>> {
  const { board } = await someTip(coordination, wish.resources);
  const input = readInput(() => ({
    op: "break" as const,
    resources: needSome(wish.resources, "resource", "For example `git coord break lock:build --reason …`.").map(
      (text) => readResource(text, (id) => isTaskId(board, id)),
    ),
    force: wish.force ?? false,
    reason: readText("reason", wish.reason, 1),
  }));
  return input.ok ? ask<"break">(coordination, input.value) : usage(input.problem);
}

/**
 * A board to tell bare task ids from lock names. The one seen last is good enough when it knows them all as
 * tasks, because ids are never reused; a task that others have added since must not pass for a lock.
 */
async function someTip({ ledger }: Coordination, names: readonly string[]): Promise<Tip> {
  const known = await knownTip(ledger).catch((error: unknown) => {
    if (error instanceof LedgerFailure) return null;
    throw error;
  });
  const isClear = known !== null && names.every((name) => !isIdentifier(name) || isTaskId(known.board, name));
  return isClear ? known : refresh(ledger);
}
