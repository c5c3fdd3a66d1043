import { idKey } from "../domain/identifier.ts";
import { leaseNow } from "../domain/operations/lock.ts";
import type { Holding, Request } from "../domain/request.ts";
import { formatResource, sameResource } from "../domain/resource.ts";
import type { LeaseView } from "../domain/verdict.ts";
import type { Tip } from "../ledger/tip.ts";
import { askAs, type Granted, identityOf } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import { keepHolding, type Loss } from "./hold.ts";
import { localTip } from "./local-tip.ts";
import { type Locking, readLocking } from "./locks.ts";
import { done, type Outcome, usage } from "./outcome.ts";
import { acquireInLine, type Patience } from "./queueing.ts";
import { renewTogether } from "./renewal.ts";
import { before, hasCome, type Moment, nowBy, type Term, termOf } from "./term.ts";

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
  limit(limit: Limit): void;
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

/** When a command is asked to end, and when it is killed, should nobody say otherwise. */
export interface Limit {
  readonly end: Moment;
  readonly kill: Moment;
}

export interface Launcher {
  /**
   * @param environment what is added to that of this process
   * @returns `too_late` when the limit has passed already: then nothing was started
   */
  start(
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
    limit: Limit,
  ): Promise<RunningCommand | NotStarted | { readonly kind: "too_late" }>;
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
  let asked = ledger.clock.monotonic();
  const onAsking = () => {
    asked = ledger.clock.monotonic();
  };
  const outcome =
    wait === null
      ? await askAs<"acquire">(coordination, actor, acquire)
      : await acquireInLine(coordination, actor, acquire, { wait, onWaiting, onAsking });
  if (!outcome.ok) return outcome;
  const { value, seq } = outcome;
  // What was held before stays held afterwards.
  const own = value.leases.filter(({ fence }) => value.changed && fence === seq);
  let held: readonly Holding[] = own;
  const start: Start = {
    command: wish.command,
    launcher,
    asked,
    onHeld: (fresh) => {
      held = fresh.filter(({ resource }) => own.some((lease) => sameResource(lease.resource, resource)));
    },
  };
  const ended = await runHolding(coordination, actor, value, start).catch(async (error: unknown) => {
    await giveBack(coordination, actor, held, undefined);
    throw error;
  });
  const kept = await giveBack(coordination, actor, held, ended.kind === "lost" ? LAST_WORDS : undefined);
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
  /** By the monotonic clock, when the leases were asked for. */
  readonly asked: number;
  /** Told under which fences the command runs. */
  readonly onHeld: (held: readonly Holding[]) => void;
}

async function runHolding(
  coordination: Coordination,
  actor: Request["actor"],
  { leases, changed }: Granted<"acquire">,
  { command, launcher, asked, onHeld }: Start,
): Promise<{ kind: "ended"; end: CommandEnd } | NotStarted | Extract<Run, { kind: "lost" }>> {
  const { clock } = coordination.ledger;
  const standing = await freshLeases(coordination, actor, leases, changed ? asked : null);
  if (standing.kind === "lost") return standing;
  const { held, tip, since, term } = standing;
  onHeld(held);
  const environment = environmentOf(actor.id, held);
  const child = await launcher.start(command, environment, limitOf(term.ends, term.margin));
  if (child.kind === "not_started") return child;
  const expiring = {
    kind: "lost",
    loss: { kind: "expiring", resource: (held[0] as Holding).resource, problem: null },
  } as const;
  if (child.kind === "too_late") return expiring;
  const over = new AbortController();
  let last: Moment = { wall: Infinity, monotonic: Infinity };
  const onTerm = (ends: Moment, margin: number) => {
    last = before(ends, margin);
    child.limit(limitOf(ends, margin));
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
  if (loss === null && hasCome(last, nowBy(clock))) return expiring;
  return loss === null ? { kind: "ended", end } : { kind: "lost", loss };
}

/** This process is the first to act, when the margin begins; the warden only when it does not. */
const limitOf = (ends: Moment, margin: number): Limit => ({
  end: before(ends, margin * 0.6),
  kill: before(ends, margin * 0.3),
});

interface Fresh {
  readonly kind: "held";
  readonly held: readonly Holding[];
  readonly tip: Tip;
  readonly since: number;
  readonly term: Extract<Term, { readonly kind: "held" }>;
}

type Standing = Fresh | Extract<Run, { kind: "lost" }>;

/** How often leases are renewed that were as good as over when their grant was heard of. */
const ATTEMPTS = 3;

/**
 * Leases with enough time left to begin. An answer may have taken longer than the lease lasts, and a lease from
 * before has an age that this process does not know (`asked` null): a renewal gives them a fresh one.
 */
async function freshLeases(
  coordination: Coordination,
  actor: Request["actor"],
  leases: readonly LeaseView[],
  asked: number | null,
): Promise<Standing> {
  const { clock } = coordination.ledger;
  let held: readonly Holding[] = leases.map(({ resource, fence }) => ({ resource, fence }));
  let since = asked;
  for (let attempt = 0; attempt <= ATTEMPTS; attempt += 1) {
    const tip = await localTip(coordination);
    if (tip !== null && since !== null) {
      const now = nowBy(clock);
      const term = termOf(tip, actor.id, actor.session, held, since, now);
      if (term.kind === "lost") {
        return {
          kind: "lost",
          loss: { kind: "taken", resource: term.resource, now: leaseNow(tip.board, term.resource) },
        };
      }
      if (!hasCome(before(term.ends, 1.5 * term.margin), now)) return { kind: "held", held, tip, since, term };
    }
    since = clock.monotonic();
    const { answers } = await renewTogether(coordination, actor, { ttl: null, expected: held });
    const answer = answers[0]?.answer;
    if (answer?.kind === "refused") {
      const resource = answer.refusal.kind === "lost" ? answer.refusal.resource : (held[0] as Holding).resource;
      const now = answer.refusal.kind === "lost" ? answer.refusal.now : null;
      return { kind: "lost", loss: { kind: "taken", resource, now } };
    }
    // One that was over, and that nobody took, has a new fence.
    const renewed = answer?.kind === "granted" && answer.grant.op === "renew" ? answer.grant.leases : [];
    held = held.map((each) => renewed.find(({ resource }) => sameResource(resource, each.resource)) ?? each);
  }
  return { kind: "lost", loss: { kind: "expiring", resource: (held[0] as Holding).resource, problem: null } };
}

/** What a command learns of the leases that it runs under. */
export function environmentOf(id: string, leases: readonly Holding[]): Readonly<Record<string, string>> {
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

/**
 * Gives back what is still there, under the fences that it was used under: another process of the same id may hold
 * it anew. To be told that something was gone is to learn of a loss after the fact.
 */
async function giveBack(
  coordination: Coordination,
  actor: Request["actor"],
  leases: readonly Holding[],
  patience: number | undefined,
): Promise<GivenBack> {
  if (leases.length === 0) return { kind: "free" };
  const calm = { ...coordination, signal: patience === undefined ? undefined : AbortSignal.timeout(patience) };
  let lost: Loss | null = null;
  let resources = leases.map(({ resource }) => resource);
  const expected = leases.map(({ resource, fence }) => ({ resource, fence }));
  try {
    while (resources.length > 0) {
      const outcome = await askAs<"unlock">(calm, actor, { op: "unlock", resources, expected });
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
