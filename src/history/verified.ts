import type { Oid } from "../ledger/ports.ts";
import type { Position } from "../ledger/tip.ts";
import type { Finding } from "./finding.ts";
import type { EditNote } from "./verify.ts";

/** A commit with its place in the chain, so that nothing before it is read again. */
export interface Place extends Position {
  readonly commit: Oid;
}

/** How far this clone has verified the chain, and what it found on the way. */
export interface Checkpoint {
  readonly version: 1;
  readonly last: Place | null;
  readonly good: Place | null;
  readonly honest: Place | null;
  readonly commits: number;
  readonly findings: readonly Finding[];
  readonly edits: readonly EditNote[];
}

/** Where an op id stands in the chain. */
export interface OpIdPlace {
  /** How many commits stand before it. */
  readonly position: number;
  readonly commit: Oid;
}

/** What this clone keeps between runs of verify. It can be deleted: then everything is replayed. */
export interface VerifiedStore {
  /** Null when there is none, or it cannot be read. */
  load(): Promise<unknown>;
  save(checkpoint: Checkpoint): Promise<void>;
  /** Looks one op id up, without reading all the others. */
  findOpId(opId: string): Promise<OpIdPlace | null>;
  addOpIds(ids: ReadonlyMap<string, OpIdPlace>): Promise<void>;
  forget(): Promise<void>;
}

/** Checks a stored value; null when it is no checkpoint of this version. */
export function readCheckpoint(value: unknown): Checkpoint | null {
  if (typeof value !== "object" || value === null) return null;
  const { version, last, commits, findings, edits } = value as Partial<Checkpoint>;
  const isWhole = version === 1 && typeof commits === "number" && typeof last?.commit === "string";
  return isWhole && Array.isArray(findings) && Array.isArray(edits) ? (value as Checkpoint) : null;
}
