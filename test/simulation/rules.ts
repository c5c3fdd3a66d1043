/**
 * The rules that a run is played by: the real ones, or a copy in which one of them is broken on purpose
 * (broken.ts), to prove that the simulation would find it.
 */
import type { Actor, Operation, Request } from "../../src/domain/request.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import type { Answer } from "../../src/ledger/batch.ts";
import { type Call, exclusively, type Performed, perform } from "../../src/ledger/group.ts";
import type { Ledger, LedgerParts } from "../../src/ledger/ledger.ts";
import { type Proposal, propose } from "../../src/ledger/proposal.ts";
import { transact } from "../../src/ledger/transact.ts";
import type { Seat } from "./ports.ts";

export interface Rules {
  readonly perform: typeof perform;
  readonly ports: (parts: LedgerParts, seat: Seat) => LedgerParts;
  /** Whether the warden ends a command at its limit. */
  readonly warden: boolean;
  readonly opId: (fresh: string, actor: Actor, operation: Operation, clock: number) => string;
}

export const REAL: Rules = {
  perform,
  ports: (parts) => parts,
  warden: true,
  opId: (fresh) => fresh,
};

/** Without the queue, so that parts of the road can be exchanged: each call by itself, under the machine's lock. */
export function alone(parts: {
  readonly transact?: typeof transact<Verdict>;
  readonly propose?: (request: Request) => Proposal<Verdict>;
}): Rules["perform"] {
  const own = { transact: transact<Verdict>, propose, ...parts };
  return (ledger: Ledger, requests: readonly Request[], { signal }: Call = {}): Promise<Performed> =>
    exclusively(
      ledger,
      async () => {
        const { answers, settled } = await own.transact(ledger, requests.map(own.propose), signal);
        const told = answers.map(({ answer, tip, written }): Answer => ({ verdict: answer, tip, written, held: [] }));
        return { answers: told, settled };
      },
      signal,
    );
}
