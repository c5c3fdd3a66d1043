import { statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Duration, Instant } from "../domain/instant.ts";
import type { Remote } from "../ledger/ports.ts";
import { overwriteFile } from "./atomic-file.ts";
import { type BoardPlace, boardKey } from "./board-files.ts";

/** When this clone last had word of the remote's tip: the time of a file, shared by all processes of the clone. */
export class LastSeen {
  readonly #file: string;

  constructor(place: BoardPlace) {
    this.#file = join(place.folder.path, "seen", boardKey(place));
  }

  /** Infinity when it never had. */
  async age(now: Instant): Promise<Duration> {
    const found = statSync(this.#file, { throwIfNoEntry: false });
    return found ? now - found.mtimeMs : Number.POSITIVE_INFINITY;
  }

  /** Never fails: a note that is missing costs the next hook one fetch. */
  async note(): Promise<void> {
    const now = new Date();
    try {
      utimesSync(this.#file, now, now);
    } catch {
      try {
        overwriteFile(this.#file, "");
      } catch {}
    }
  }
}

/** The same remote; each answer about the tip is noted. */
export function noting(remote: Remote, seen: LastSeen): Remote {
  return {
    knownTip: () => remote.knownTip(),
    restsUntil: () => remote.restsUntil(),
    fetch: async (signal) => {
      const fetched = await remote.fetch(signal);
      if (fetched.kind === "tip") await seen.note();
      return fetched;
    },
    push: async (base, commit, signal) => {
      const outcome = await remote.push(base, commit, signal);
      if (outcome.kind === "landed") await seen.note();
      return outcome;
    },
  };
}
