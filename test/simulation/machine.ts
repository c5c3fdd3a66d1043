/**
 * A machine with one clone: what survives the crash of a process. Local tip, objects, the records of pushes in
 * flight, what was observed; a wall clock that is some seconds off and may stand still for a whole second, and
 * a monotonic one. It does not model a reboot, nor a disk that forgets.
 */
import type { FetchOutcome, HeldFence, Oid, Pending, Pulse } from "../../src/ledger/ports.ts";
import { CloneObjects, type Objects } from "./objects.ts";

export class Machine {
  readonly objects: CloneObjects;
  readonly pending = new Map<string, { readonly record: Pending; readonly owner: { readonly alive: boolean } }>();
  observed: unknown = null;
  readonly pulses = new Map<string, Pulse>();
  readonly held = new Map<string, readonly HeldFence[]>();
  /** Every value that the local tip took, in order. */
  readonly tips: Oid[] = [];

  constructor(
    readonly name: string,
    objects: Objects,
    /** The wall clock at the beginning, and what it counts in: milliseconds. */
    readonly clock: { readonly start: number; readonly grain: number },
  ) {
    this.objects = new CloneObjects(objects);
  }

  get tip(): Oid | null {
    return this.tips.at(-1) ?? null;
  }

  wall(now: number): number {
    return Math.floor((this.clock.start + now) / this.clock.grain) * this.clock.grain;
  }

  /**
   * What a fetch came to that was asked when `known` was the local tip, and heard `heard`. Null: another process
   * of this clone was faster, the answer is out of date, ask again.
   */
  take(known: Oid | null, heard: Oid | null): FetchOutcome | null {
    const { tip } = this;
    const { all } = this.objects;
    if (heard !== null && (tip === null || all.isAncestor(tip, heard))) {
      this.move(heard);
      return { kind: "tip", tip: heard };
    }
    if (tip !== known) return null;
    if (tip === null) return { kind: "absent" };
    return { kind: "rewritten", known: tip, remote: heard };
  }

  /** After a push landed: moves the local tip, if it still is where the push began. */
  advance(base: Oid | null, commit: Oid): void {
    if (this.tip === base) this.move(commit);
  }

  move(tip: Oid): void {
    this.objects.receive(tip);
    if (this.tip !== tip) this.tips.push(tip);
  }
}
