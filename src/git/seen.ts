import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Duration, Instant } from "../domain/instant.ts";
import type { Remote } from "../ledger/ports.ts";
import { replaceFile } from "./atomic-file.ts";
import { type BoardPlace, boardKey } from "./board-files.ts";

/** When this clone last had word of the remote's tip: the time of a file, shared by all processes of the clone. */
export class LastSeen {
  readonly #file: string;

  constructor(place: BoardPlace) {
    this.#file = join(place.folder.path, "seen", boardKey(place));
  }

  /** Infinity when it never had. */
  async age(now: Instant): Promise<Duration> {
    const found = await stat(this.#file).catch(() => null);
    return found ? now - found.mtimeMs : Number.POSITIVE_INFINITY;
  }

  /** Never fails: a note that is missing costs the next hook one fetch. */
  async note(): Promise<void> {
    await replaceFile(this.#file, "", { durable: false }).catch(() => {});
  }
}

/** The same remote; each answer about the tip is noted. */
export function noting(remote: Remote, seen: LastSeen): Remote {
  return {
    knownTip: () => remote.knownTip(),
    fetch: async (signal) => {
      const fetched = await remote.fetch(signal);
      if (fetched.kind === "tip") await seen.note();
      return fetched;
    },
    push: (base, commit, signal) => remote.push(base, commit, signal),
    advance: async (base, commit) => {
      await remote.advance(base, commit);
      await seen.note();
    },
  };
}
