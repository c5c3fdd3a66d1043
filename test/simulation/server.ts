/**
 * The branch on the server: one ref, moved by compare-and-swap. It keeps the order and the time of everything
 * that landed. Its objects are the shared ones; it never loses any and never repacks.
 */
import type { Oid } from "../../src/ledger/ports.ts";

export interface Landing {
  readonly time: number;
  readonly commit: Oid;
  readonly before: Oid | null;
}

export class Server {
  tip: Oid | null = null;
  /** Somebody's push holds the ref's lock: everybody else is refused, while the tip has not moved yet. */
  locked = false;
  readonly landings: Landing[] = [];

  land(time: number, commit: Oid): void {
    this.landings.push({ time, commit, before: this.tip });
    this.tip = commit;
  }
}
