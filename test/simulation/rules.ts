/**
 * The rules that a run is played by: the real ones, or a copy in which one of them is broken on purpose
 * (broken.ts), to prove that the simulation would find it.
 */
import type { Actor, Operation, Request } from "../../src/domain/request.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import type { LedgerParts } from "../../src/ledger/ledger.ts";
import { type Proposal, propose } from "../../src/ledger/proposal.ts";
import { transact } from "../../src/ledger/transact.ts";
import type { Seat } from "./ports.ts";

export interface Rules {
  readonly transact: typeof transact<Verdict>;
  readonly propose: (request: Request) => Proposal<Verdict>;
  readonly ports: (parts: LedgerParts, seat: Seat) => LedgerParts;
  /** Whether the warden ends a command at its limit. */
  readonly warden: boolean;
  readonly opId: (fresh: string, actor: Actor, operation: Operation, clock: number) => string;
}

export const REAL: Rules = {
  transact,
  propose,
  ports: (parts) => parts,
  warden: true,
  opId: (fresh) => fresh,
};
