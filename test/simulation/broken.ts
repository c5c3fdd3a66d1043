/**
 * The protocol, broken on purpose: each rule here is a mistake that a system of this kind has really made
 * (FAILURES), small enough to be overlooked in a review. The simulation has to find every one of them.
 */
import type { Request } from "../../src/domain/request.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import type { LedgerParts } from "../../src/ledger/ledger.ts";
import type { PushOutcome, Remote } from "../../src/ledger/ports.ts";
import { type Decision, type Proposal, propose } from "../../src/ledger/proposal.ts";
import { BOARD_FILE } from "../../src/ledger/tip.ts";
import { carelessTransact } from "./careless.ts";
import type { Seat } from "./ports.ts";
import { alone, REAL, type Rules } from "./rules.ts";

function withRemote(change: (remote: Remote, seat: Seat) => Partial<Remote>): Rules {
  const ports = (parts: LedgerParts, seat: Seat): LedgerParts => {
    const { remote } = parts;
    const same: Remote = {
      knownTip: () => remote.knownTip(),
      restsUntil: () => remote.restsUntil(),
      fetch: (signal) => remote.fetch(signal),
      push: (base, commit, signal) => remote.push(base, commit, signal),
    };
    return { ...parts, remote: { ...same, ...change(remote, seat) } };
  };
  return { ...REAL, ports };
}

function hearing(translate: (outcome: PushOutcome) => PushOutcome): Rules {
  return withRemote((remote) => ({
    push: async (base, commit, signal) => translate(await remote.push(base, commit, signal)),
  }));
}

/** `git push --force`, or `--force-with-lease` without saying which value is expected. */
export const pushWithoutCompare = withRemote((remote, { network }) => ({
  push: (_base, commit, signal) => remote.push(network.server.tip, commit, signal),
}));

/** "The push failed, so it did not happen." */
export const unknownIsFailure = hearing((said) =>
  said.kind === "unknown" ? { kind: "unsent", words: said.words } : said,
);

/** "The push failed, so let us begin anew." */
export const unknownIsLostRace = hearing((said) =>
  said.kind === "unknown" ? { kind: "rejected", words: said.words } : said,
);

/** "We looked a moment ago, and somebody had it." */
export const refusesOnStaleTip: Rules = {
  ...REAL,
  perform: alone({ transact: carelessTransact({ trustKnownTip: true }) }),
};

/** "We looked, and it was not there, so it is gone." */
export const settlesByLooking: Rules = {
  ...REAL,
  perform: alone({ transact: carelessTransact({ settleByLooking: true }) }),
};

/** "A request is who, what and when": no randomness in the commit. */
export const opIdWithoutChance: Rules = {
  ...REAL,
  opId: (_fresh, actor, { op }, clock) => `${actor.id}-${op}-${Math.floor(clock / 1000)}`,
};

/** "We write it down when we know how it ended." */
export const noRecordBeforePush: Rules = {
  ...REAL,
  ports: (parts) => {
    const { pending } = parts;
    return { ...parts, pending: { ...pending, put: async () => {} } };
  },
};

/** "The remote is always right." */
export const followsRewrittenBranch = withRemote((remote, { machine }) => ({
  fetch: async (signal) => {
    const fetched = await remote.fetch(signal);
    if (fetched.kind !== "rewritten" || fetched.remote === null) return fetched;
    machine.move(fetched.remote);
    return { kind: "tip", tip: fetched.remote };
  },
}));

/** Decides once as it should, and has its own way with every attempt after a lost race. */
function afterFirst(
  again: (
    first: FirstDecision,
    ...args: Parameters<Proposal<Verdict>["decide"]>
  ) => ReturnType<Proposal<Verdict>["decide"]>,
): Rules {
  const broken = (request: Request): Proposal<Verdict> => {
    const real = propose(request);
    let first: FirstDecision | null = null;
    return {
      opId: real.opId,
      async decide(tip, context, readText) {
        if (first) return again(first, tip, context, readText);
        const decision = await real.decide(tip, context, readText);
        if (decision.kind === "write") first = { request, decision, text: tip.text, seq: context.seq };
        return decision;
      },
    };
  };
  return { ...REAL, perform: alone({ propose: broken }) };
}

interface FirstDecision {
  readonly request: Request;
  readonly decision: Extract<Decision<Verdict>, { kind: "write" }>;
  /** The board and the seq that it was made for. */
  readonly text: string;
  readonly seq: number;
}

/** "We have a number already": the fence of the first attempt is kept. */
export const keepsFenceAfterLostRace = afterFirst(({ request, seq }, tip, context, readText) =>
  propose(request).decide(tip, { ...context, seq }, readText),
);

/** `git pull --rebase`: the rows of both are kept. */
export const mergesText = afterFirst(async ({ decision, text }, tip) => {
  const ours = decision.draft.files.get(BOARD_FILE) ?? "";
  const files = new Map([[BOARD_FILE, mergeLines(text, ours, tip.text)]]);
  return { ...decision, draft: { ...decision.draft, files } };
});

/** Applies to `theirs` what `ours` removed from and added to `base`, line by line. */
function mergeLines(base: string, ours: string, theirs: string): string {
  const [old, own] = [base.split("\n"), ours.split("\n")];
  const merged = theirs.split("\n").filter((line) => own.includes(line) || !old.includes(line));
  for (const [index, line] of own.entries()) {
    if (old.includes(line)) continue;
    merged.splice(merged.lastIndexOf(own[index - 1] ?? "") + 1, 0, line);
  }
  return merged.join("\n");
}

/** A clock that is trusted without any allowance: leases of others are taken before anybody may. */
export const takesTooEarly: Rules = {
  ...REAL,
  perform: alone({
    propose: (request) => {
      const proposal = propose(request);
      const hurry = 8000;
      return {
        ...proposal,
        decide: (tip, context, readText) =>
          proposal.decide(tip, { ...context, clock: context.clock + hurry }, readText),
      };
    },
  }),
};

/** A run without a warden: stopped or dead, it leaves its command running. */
export const runsWithoutWarden: Rules = { ...REAL, warden: false };
