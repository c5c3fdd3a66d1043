import { join } from "node:path";
import { type Duration, type Instant, MINUTE } from "../domain/instant.ts";
import type { Clock } from "../ledger/ports.ts";
import { readIfThere, replaceFile } from "./atomic-file.ts";
import type { Endpoint } from "./endpoint.ts";
import type { CoordFolder } from "./private-repository.ts";

/** Where things are kept about one remote, whatever the branch. */
export interface RemotePlace {
  readonly folder: Pick<CoordFolder, "path">;
  readonly endpoint: Pick<Endpoint, "key">;
}

/** Until when a remote wants to be left alone, by both clocks of the machine that was told. */
interface Rest {
  readonly until: Instant;
  readonly bootId: string;
  readonly monotonic: Duration;
}

/** Nothing is believed to last longer, whatever a file or a clock that was set says. */
const LONGEST: Duration = 60 * MINUTE;

/** What a remote said last about being left alone: one small file for all processes of the clone, rebuilt when lost. */
export class RestStore {
  readonly #file: string;
  readonly #clock: Pick<Clock, "wall" | "monotonic" | "bootId">;

  constructor({ folder, endpoint }: RemotePlace, clock: Pick<Clock, "wall" | "monotonic" | "bootId">) {
    this.#file = join(folder.path, "rests", endpoint.key);
    this.#clock = clock;
  }

  /** Milliseconds until it may be asked again; 0 when it may be now. */
  left(): Duration {
    const rest = parseRest(readIfThere(this.#file) ?? "");
    if (rest === null) return 0;
    const { wall, monotonic, bootId } = this.#clock;
    const left = rest.bootId === bootId() ? rest.monotonic - monotonic() : rest.until - wall();
    return Math.min(LONGEST, Math.max(0, left));
  }

  /** Never makes a rest shorter that another process was told of. */
  note(time: Duration): void {
    if (time <= this.left()) return;
    const { wall, monotonic, bootId } = this.#clock;
    const rest: Rest = { until: wall() + time, bootId: bootId(), monotonic: monotonic() + time };
    replaceFile(this.#file, `${JSON.stringify(rest)}\n`, { durable: false });
  }
}

function parseRest(text: string): Rest | null {
  try {
    const { until, bootId, monotonic } = JSON.parse(text) as Partial<Rest>;
    const isRest = typeof until === "number" && typeof bootId === "string" && typeof monotonic === "number";
    return isRest ? { until, bootId, monotonic } : null;
  } catch {
    return null;
  }
}
