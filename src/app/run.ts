import { idKey } from "../domain/identifier.ts";
import type { Holding, Request } from "../domain/request.ts";
import { formatResource } from "../domain/resource.ts";
import type { LeaseView } from "../domain/verdict.ts";
import { askAs, type Granted, identityOf } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import { keepHolding, type Loss } from "./hold.ts";
import { type Locking, readLocking } from "./locks.ts";
import { done, type Outcome, usage } from "./outcome.ts";
import { acquireInLine, type Patience } from "./queueing.ts";
import { renewTogether } from "./renewal.ts";
import { before, hasCome, type Moment, nowBy } from "./term.ts";
import { localTip } from "./upkeep.ts";

/** How a command ended: by itself with a code, or by a signal. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A command that runs in a process group of its own, together with somebody who ends it should this process not. */
export interface RunningCommand {
  readonly kind: "running";
  readonly ended: Promise<CommandEnd>;
  /** From `end` on its group is asked to end, at `kill` it is killed, whatever becomes of this process. */
  limit(end: Moment, kill: Moment): void;
  /** Ends the whole group, politely and then by force; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
  /** Resolves when nothing of its group runs any more; what the command left running is ended. */
  settled(): Promise<void>;
}

/** There is no such command, or it cannot be run: with the exit code that shells have for that. */
export interface NotStarted {
  readonly kind: "not_started";
  readonly exitCode: number;
  readonly message: string;
}

export interface Launcher {
  /** @param environment what is added to that of this process */
  start(
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<RunningCommand | NotStarted>;
  close(): Promise<void>;
}

export interface Running extends Locking {
  readonly command: readonly string[];
}

export type Run =
  | NotStarted
  /** The command has ended. `kept`: why its leases could not be given back; they end by themselves. */
  | { readonly kind: "ended"; readonly end: CommandEnd; readonly kept: unknown }
  /** The command was ended because its leases could not be relied upon any more. */
  | { readonly kind: "lost"; readonly loss: Loss };

/**
 * Runs a command while it holds locks and files: renews them, gives back in every ending what it took itself,
 * and ends the command's whole process group before a lease ends that could not be renewed.
 * @returns refused with `held` when they could not be had; then nothing was run
 */
export async function run(
  coordination: Coordination,
  wish: Running,
  launcher: Launcher,
  onWaiting?: Patience["onWaiting"],
): Promise<Outcome<Run>> {
  const who = identityOf(coordination);
  const input = readLocking(wish);
  if (!who.ok) return usage(who.problem);
  if (!input.ok) return usage(input.problem);
  const { acquire, wait } = input.value;
  const { ledger, host } = coordination;
  const actor = { id: who.value, session: await coordination.sessions.obtain(who.value), host };
  const asked = ledger.clock.monotonic();
  const outcome =
    wait === null
      ? await askAs<"acquire">(coordination, actor, acquire)
      : await acquireInLine(coordination, actor, acquire, { wait, onWaiting });
  if (!outcome.ok) return outcome;
  const { value, seq } = outcome;
  // What was held before stays held afterwards.
  const own = value.leases.filter(({ fence }) => value.changed && fence === seq);
  const start = { command: wish.command, launcher, asked: wait === null ? asked : null };
  const ended = await runHolding(coordination, actor, value, start).catch(async (error: unknown) => {
    await giveBack(coordination, actor, own, undefined);
    throw error;
  });
  const kept = await giveBack(coordination, actor, own, ended.kind === "lost" ? LAST_WORDS : undefined);
  if (ended.kind === "not_started") return done(ended, outcome, outcome.notices);
  if (ended.kind === "ended" && kept.kind === "lost") {
    return done({ kind: "lost", loss: kept.loss }, outcome, outcome.notices);
  }
  const run: Run = ended.kind === "lost" ? ended : { ...ended, kept: kept.kind === "kept" ? kept.problem : null };
  return done(run, outcome, outcome.notices);
}

/** How long is tried to give the rest back when the leases were lost: the remote may be away. Milliseconds. */
const LAST_WORDS = 10_000;

interface Start {
  readonly command: readonly string[];
  readonly launcher: Launcher;
  /** By the monotonic clock, when the leases were asked for; null when that is not known so closely. */
  readonly asked: number | null;
}

async function runHolding(
  coordination: Coordination,
  actor: Request["actor"],
  { leases, changed }: Granted<"acquire">,
  { command, launcher, asked }: Start,
): Promise<{ kind: "ended"; end: CommandEnd } | NotStarted | Extract<Run, { kind: "lost" }>> {
  const held: readonly Holding[] = leases.map(({ resource, fence }) => ({ resource, fence }));
  const { clock } = coordination.ledger;
  let since = asked ?? clock.monotonic();
  // A lease from before has an age that this process does not know: a renewal gives it a fresh one.
  if (!changed) {
    since = clock.monotonic();
    await renewTogether(coordination, actor, { ttl: null, expected: held });
  }
  const tip = await localTip(coordination);
  if (tip === null) throw new Error("the tip that grants the leases cannot be read");
  const environment = environmentOf(actor.id, leases);
  const child = await launcher.start(command, environment);
  if (child.kind === "not_started") return child;
  const over = new AbortController();
  let last: Moment = { wall: Infinity, monotonic: Infinity };
  const onTerm = (ends: Moment, margin: number) => {
    last = before(ends, margin);
    // This process is the first to act; the warden only when it does not.
    child.limit(before(ends, margin * 0.6), before(ends, margin * 0.3));
  };
  const keeping = keepHolding(coordination, actor, tip, since, { held, onTerm, signal: over.signal });
  const first = await Promise.race([
    child.ended.then((end) => ({ kind: "ended", end }) as const),
    keeping.then(({ loss }) => ({ kind: "loss", loss }) as const),
  ]).catch(async (error: unknown) => {
    // A fault of ours: nothing keeps the leases now.
    await child.stop();
    throw error;
  });
  if (first.kind === "loss" && first.loss !== null) {
    await child.stop();
    await (await keeping).settle("give up");
    return { kind: "lost", loss: first.loss };
  }
  const end = await child.ended;
  await child.settled();
  over.abort();
  const { loss, settle } = await keeping;
  await settle("finish");
  // The warden may have been quicker: what ended after its time did not end by itself.
  if (loss === null && hasCome(last, nowBy(clock))) {
    const { resource } = held[0] as Holding;
    return { kind: "lost", loss: { kind: "expiring", resource, problem: null } };
  }
  return loss === null ? { kind: "ended", end } : { kind: "lost", loss };
}

/** What a command learns of the leases that it runs under. */
export function environmentOf(id: string, leases: readonly LeaseView[]): Readonly<Record<string, string>> {
  const fences = leases.map(({ fence }) => String(fence ?? ""));
  return {
    COORD_ID: id,
    COORD_RESOURCES: leases.map(({ resource }) => formatResource(resource)).join("\n"),
    // One number when all were granted together; otherwise one line for each resource, in the same order.
    COORD_FENCE: new Set(fences).size === 1 ? (fences[0] ?? "") : fences.join("\n"),
  };
}

type GivenBack =
  | { readonly kind: "free" }
  | { readonly kind: "kept"; readonly problem: unknown }
  | { readonly kind: "lost"; readonly loss: Loss };

/** Gives back what is still there; to be told that something was gone is to learn of a loss after the fact. */
async function giveBack(
  coordination: Coordination,
  actor: Request["actor"],
  leases: readonly LeaseView[],
  patience: number | undefined,
): Promise<GivenBack> {
  if (leases.length === 0) return { kind: "free" };
  const calm = { ...coordination, signal: patience === undefined ? undefined : AbortSignal.timeout(patience) };
  let lost: Loss | null = null;
  let resources = leases.map(({ resource }) => resource);
  try {
    while (resources.length > 0) {
      const outcome = await askAs<"unlock">(calm, actor, { op: "unlock", resources });
      if (outcome.ok) break;
      const refusal = outcome.failure.kind === "refused" ? outcome.failure.refusal : null;
      if (refusal?.kind !== "lost") return { kind: "kept", problem: outcome.failure };
      lost ??= { kind: "taken", resource: refusal.resource, now: refusal.now };
      const gone = idKey(formatResource(refusal.resource));
      resources = resources.filter((resource) => idKey(formatResource(resource)) !== gone);
    }
  } catch (problem) {
    return lost ? { kind: "lost", loss: lost } : { kind: "kept", problem };
  }
  return lost ? { kind: "lost", loss: lost } : { kind: "free" };
}
