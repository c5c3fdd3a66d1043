/**
 * The push protocol (DESIGN 6), whole: from commits on no ref to "landed" or "can never land".
 *
 *   git said                        means                        what is done here
 *   exit 0, row ` ` or `*`          landed                       done
 *   row `=`                         landed if it is our commit   look
 *   `! [rejected]`                  somebody was first           lost: the caller decides again
 *   `! [remote rejected]`           tip moved: somebody first    lost
 *                                   tip did not move: a refusal  stop, `remote_refused`, the server's words
 *   nothing was sent                nothing can land             stop, `unreachable`
 *   no row                          unknown                      look; push the SAME commit again; to give up,
 *                                                                land a barrier on the base first
 *
 * Only the order of the chain decides: a commit that stands between the base and the tip has landed, and
 * once the tip is not the base any more, nothing that was pushed with the base as its lease can land.
 */
import { type Backoff, backoff } from "./backoff.ts";
import { writeBarrier } from "./barrier.ts";
import type { Writer } from "./chain.ts";
import { LedgerFailure, restOf, unreachable } from "./failure.ts";
import type { FetchOutcome, Oid, Pending, PendingStore, PushOutcome, Random, Remote } from "./ports.ts";

export interface Publisher extends Writer {
  readonly remote: Remote;
  readonly pending: PendingStore;
  readonly random: Random;
}

export interface Attempt {
  /** The tip that the commits were made on, the last of the commits, and the requests that they carry. */
  readonly pending: Pending;
  readonly signal?: AbortSignal | undefined;
  /**
   * Tells those who wait that it has landed, before the record is removed: a process that dies in between
   * leaves either the answer or the record, and no request is decided a second time.
   */
  readonly landed?: () => Promise<void>;
}

/** What has to be known of an attempt to look for it in the chain. */
type Aim = Pick<Pending, "base" | "commit">;

/** How often an unknown push is looked after before giving up, and how long the pauses may grow (milliseconds). */
const RESOLVE: Backoff = { attempts: 5, first: 100, most: 2000 };
/** How often the tip is looked at after a refusal that may be the shadow of a push still landing. */
const SETTLE: Backoff = { attempts: 3, first: 100, most: 800 };

/** Failures after which nothing of the attempt can land. */
const SETTLED: readonly LedgerFailure["code"][] = ["unreachable", "remote_refused", "abandoned"];

/**
 * Publishes the commits by compare-and-swap on `base`.
 * @returns `landed`, or `lost` when somebody was first; both are final, and the record is gone.
 * @throws LedgerFailure `unreachable`, `remote_refused` or `abandoned` when nothing has landed and nothing can
 *   any more (the record is gone); `unknown` when that could not be proven (the record stays for the next command).
 */
export async function publish(publisher: Publisher, attempt: Attempt): Promise<"landed" | "lost"> {
  const { objects, pending } = publisher;
  const kept = objects.handOver();
  if (kept === null) await objects.settled();
  // One file, synced once, holds the requests, the base and the commits.
  await pending.put(attempt.pending, kept ?? []);
  try {
    const outcome = await pushUntilKnown(publisher, attempt);
    if (outcome === "landed") await attempt.landed?.();
    await pending.remove(attempt.pending);
    return outcome;
  } catch (error) {
    const isSettled = error instanceof LedgerFailure && SETTLED.includes(error.code);
    await (isSettled ? pending.remove(attempt.pending) : pending.abandon(attempt.pending));
    throw error;
  }
}

async function pushUntilKnown(publisher: Publisher, attempt: Attempt): Promise<"landed" | "lost"> {
  const { remote } = publisher;
  const { base, commit } = attempt.pending;
  // Whether some push of this commit may still be under way: then only the chain can say "lost".
  let doubt = false;
  let words = "";
  for (const pause of backoff(publisher, RESOLVE, attempt.signal)) {
    const said = await remote.push(base, commit, attempt.signal);
    if (said.kind === "landed") return "landed";
    if (said.kind === "rejected" && !doubt) return "lost";
    if (said.kind === "unsent" && !doubt) throw await unreachable(remote, said.words);
    if (said.kind === "unknown" || said.kind === "up_to_date") doubt = true;
    words = wordsOf(said) || words;

    const place = await locate(publisher, attempt, said);
    if (place === "landed" || place === "lost") return place;
    if (!doubt && said.kind === "remote_rejected") throw new LedgerFailure({ code: "remote_refused", words });
    if (!doubt && place === "unreachable") throw await unreachable(remote, words);
    if (!doubt) return "lost";
    if (!(await pause())) break;
  }
  return giveUp(publisher, attempt, words);
}

function wordsOf(outcome: PushOutcome): string {
  return "words" in outcome ? outcome.words : "";
}

/** Where the remote's tip is, seen from one attempt. */
type Place = "landed" | "lost" | "at_base" | "unreachable";

/** Asks the chain. After a refusal the tip may move a moment later, when the push that won has finished. */
async function locate(publisher: Publisher, attempt: Attempt, said: PushOutcome): Promise<Place> {
  const patience = said.kind === "remote_rejected" ? SETTLE : { ...SETTLE, attempts: 1 };
  let place: Place = "unreachable";
  for (const pause of backoff(publisher, patience, attempt.signal)) {
    place = await placeOf(publisher, attempt.pending, await publisher.remote.fetch(attempt.signal));
    if (place === "landed" || place === "lost" || !(await pause())) return place;
  }
  return place;
}

export async function placeOf({ objects }: Writer, { base, commit }: Aim, fetched: FetchOutcome): Promise<Place> {
  switch (fetched.kind) {
    case "unreachable":
      return "unreachable";
    case "rewritten":
      throw new LedgerFailure({ code: "rewritten", known: fetched.known, remote: fetched.remote });
    case "absent":
      return base === null ? "at_base" : "lost";
    case "tip": {
      let oid: Oid | undefined = fetched.tip;
      if (oid === base) return "at_base";
      while (oid !== undefined && oid !== base) {
        if (oid === commit) return "landed";
        oid = (await objects.readCommit(oid)).parents[0];
      }
      return "lost";
    }
  }
}

/**
 * Makes sure that an attempt in doubt can never land, by landing something else on its base: "I looked and it
 * was not there" proves nothing, because a push that was cut off can land seconds later (FAILURES 2).
 */
async function giveUp(publisher: Publisher, attempt: Attempt, words: string): Promise<"landed" | "lost"> {
  const { place } = await barrier(publisher, attempt.pending);
  if (place === "landed") return "landed";
  if (place === "lost") throw new LedgerFailure({ code: "abandoned", words });
  const { commit } = attempt.pending;
  throw new LedgerFailure({ code: "unknown", words, commit, ...(await restOf(publisher.remote)) });
}

export interface Barrier {
  /** `landed` or `lost` for the attempt, both final; `at_base` or `unreachable` when it is still open. */
  readonly place: Place;
  /** What git said about the barrier's own push; null when there was none. */
  readonly said: PushOutcome | null;
}

/** Lands a barrier on the attempt's base, unless the tip has left it already. */
export async function barrier(publisher: Publisher, aim: Aim): Promise<Barrier> {
  const { base } = aim;
  // A branch that does not exist yet has no base to land on: only creating it decides.
  if (base === null) {
    return { place: await placeOf(publisher, aim, await publisher.remote.fetch()), said: null };
  }
  const block = await writeBarrier(publisher, base, publisher.random.opId());
  await publisher.objects.settled();
  const said = await publisher.remote.push(base, block);
  if (said.kind === "landed") return { place: "lost", said };
  return { place: await placeOf(publisher, aim, await publisher.remote.fetch()), said };
}
