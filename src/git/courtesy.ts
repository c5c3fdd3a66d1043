/** What every exchange with a remote goes through: it waits when the remote has asked for that, and hears when it asks. */
import { type Duration, type Instant, MINUTE } from "../domain/instant.ts";
import type { Clock, PushOutcome } from "../ledger/ports.ts";
import { HEADERS_ONLY, lastResponse, restAskedFor } from "./http-trace.ts";
import type { FilePushLog } from "./push-log.ts";
import type { RestStore } from "./rest-store.ts";
import type { TraceFiles } from "./trace-file.ts";

/**
 * How long a process waits for a remote that rests, all waits that follow one another together. Hosted remotes ask for a
 * minute, so that one such rest is waited out and a second one is not begun; a file lock lives for five.
 */
const PATIENCE: Duration = 2 * MINUTE;
/** How often a push that was turned away before anything was sent is begun anew. */
const TURNED_AWAY = 3;

export interface CourtesyParts {
  /** Null where the remote cannot be reached over http. */
  readonly rests: RestStore | null;
  readonly pushes: Pick<FilePushLog, "note">;
  readonly traces: TraceFiles;
  readonly clock: Pick<Clock, "wall" | "monotonic" | "sleep">;
  readonly patience?: Duration | undefined;
  /** Aborted when whoever started this process gives up: then nobody waits any more. */
  readonly signal?: AbortSignal | undefined;
}

type Variables = Readonly<Record<string, string>>;

export class Courtesy {
  readonly #parts: CourtesyParts;
  readonly #patience: Duration;
  /** The waits that followed one another without much in between. */
  #waiting = { since: -Infinity, until: -Infinity };

  constructor(parts: CourtesyParts) {
    this.#parts = parts;
    this.#patience = parts.patience ?? PATIENCE;
  }

  restsUntil(): Instant | null {
    const left = this.#parts.rests?.left() ?? 0;
    return left > 0 ? this.#parts.clock.wall() + left : null;
  }

  /** Waits until the remote may be asked. @returns false when that takes too long, or the signal is aborted meanwhile */
  async #comeIn(signal: AbortSignal | undefined): Promise<boolean> {
    const { rests, clock, signal: own } = this.#parts;
    for (let left = rests?.left() ?? 0; left > 0; left = rests?.left() ?? 0) {
      const now = clock.monotonic();
      if (now - this.#waiting.until > this.#patience) this.#waiting = { since: now, until: now };
      if (now + left - this.#waiting.since > this.#patience) return false;
      const given = [signal, own].filter((each) => each !== undefined);
      const hasSlept = await clock.sleep(left, AbortSignal.any(given)).then(
        () => true,
        () => false,
      );
      this.#waiting = { ...this.#waiting, until: clock.monotonic() };
      if (!hasSlept) return false;
    }
    return true;
  }

  /**
   * One exchange with the remote.
   * @param run gets the variables to start git with, beside its own
   * @returns null when the remote rests for longer than anybody waits: nothing was sent
   */
  async exchange<T>(
    signal: AbortSignal | undefined,
    run: (variables: Variables) => Promise<T>,
  ): Promise<{ readonly outcome: T; readonly isTurnedAway: boolean } | null> {
    if (!(await this.#comeIn(signal))) return null;
    const { rests, traces } = this.#parts;
    if (rests === null) return { outcome: await run({}), isTurnedAway: false };
    const { outcome, trace } = await traces.during((file) =>
      run(file === null ? {} : { GIT_TRACE_CURL: file, ...HEADERS_ONLY }),
    );
    const rest = restAskedFor(lastResponse(trace));
    if (rest !== null) rests.note(rest);
    return { outcome, isTurnedAway: rest !== null };
  }

  /**
   * One attempt to push: counted, and made again when the remote has turned it away before anything was sent.
   * @param run gets the variables to start git with
   */
  async push(
    signal: AbortSignal | undefined,
    run: (variables: Variables) => Promise<PushOutcome>,
  ): Promise<PushOutcome> {
    let last: PushOutcome = { kind: "unsent", words: "" };
    for (let attempt = 0; attempt < TURNED_AWAY; attempt += 1) {
      if (signal?.aborted) return { kind: "unsent", words: "stopped before anything was sent" };
      const answer = await this.exchange(signal, (variables) => {
        this.#parts.pushes.note();
        return run(variables);
      });
      if (answer === null) return last;
      last = answer.outcome;
      if (!answer.isTurnedAway || last.kind !== "unsent") return last;
    }
    return last;
  }
}
