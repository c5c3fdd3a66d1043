import { formatInstant, MINUTE } from "../domain/instant.ts";
import { readSettings } from "../domain/settings.ts";
import { exclusively } from "../ledger/group.ts";
import { refresh } from "../ledger/ledger.ts";
import { repair } from "../ledger/repair.ts";
import { settle } from "../ledger/settle.ts";
import type { Tip } from "../ledger/tip.ts";
import type { Check, Coordination } from "./coordination.ts";
import { LedgerFailure, wordsOfNotKept } from "./failure.ts";

export interface Diagnosis {
  readonly checks: readonly Check[];
  /** What `--repair` did, in words; empty when nothing was to be done. */
  readonly repaired: readonly string[];
  readonly tip: Tip | null;
}

const check = (name: string, status: Check["status"], message: string, hint: string | null = null): Check => ({
  name,
  status,
  message,
  hint,
});

/** Looks at everything that a write depends on, and says how to mend what is wrong. Throws nothing that it can tell. */
export async function doctor(
  coordination: Coordination,
  options: { readonly repair?: boolean } = {},
): Promise<Diagnosis> {
  const repaired = options.repair ? await mend(coordination) : [];
  const surroundings = await coordination.setup.inspect();
  const { tip, check: board } = await inspectBoard(coordination);
  const ledger = tip
    ? [
        board,
        inspectClock(coordination, tip),
        await inspectPushes(coordination, tip),
        await inspectPending(coordination),
      ]
    : [board];
  return { checks: [...surroundings, ...ledger], repaired, tip };
}

async function mend(coordination: Coordination): Promise<string[]> {
  const done: string[] = [];
  const { ledger, signal } = coordination;
  const branch = await exclusively(ledger, () => coordination.setup.restoreBranch(), signal);
  if (branch === "restored") done.push("put the coordination branch back to the tip seen last");
  if (branch === "diverged") return done;
  const result = await exclusively(ledger, () => repair(ledger, signal), signal);
  if (result.kind === "restored") done.push(`restored the board of commit ${result.from.slice(0, 12)}`);
  return done;
}

async function inspectBoard({ ledger }: Coordination): Promise<{ tip: Tip | null; check: Check }> {
  try {
    const tip = await refresh(ledger);
    const objection = (await ledger.acceptTip?.(tip)) ?? null;
    if (objection) throw objection;
    return { tip, check: check("board", "ok", `readable, seq ${tip.seq}, commit ${tip.commit.slice(0, 12)}`) };
  } catch (error) {
    if (error instanceof LedgerFailure) return { tip: null, check: boardTrouble(error) };
    if (wordsOfNotKept(error) === null) throw error;
    return {
      tip: null,
      check: check("board", "fail", "the remote's answer could not be kept", "See the remote above."),
    };
  }
}

function boardTrouble({ data }: LedgerFailure): Check {
  switch (data.code) {
    case "no_branch":
      return check("board", "fail", "there is no coordination branch yet", "Run `git coord init`.");
    case "unreachable": {
      if (data.retryAfter === undefined) {
        return check("board", "fail", "the remote could not be asked", "See the remote above.");
      }
      const until = formatInstant(data.retryAfter);
      const message = `the remote has had too many requests and asks to wait until ${until}`;
      return check("board", "fail", message, `Run it again then. ${BUDGET}`);
    }
    case "bad_board": {
      const lines = data.problems.map(({ line, message }) => (line === null ? message : `line ${line}: ${message}`));
      const isTooNew = data.problems.some(({ code }) => code === "format_too_new");
      const hint = isTooNew
        ? "Install a newer git-coord; this one leaves the board alone."
        : "`git coord doctor --repair` lands a new commit with the last good board; the damaged one stays in the history.";
      return check("board", "fail", lines.join("\n"), hint);
    }
    case "rewritten": {
      const what = data.remote === null ? "was deleted" : "no longer contains the tip seen last";
      const hint =
        "`git coord doctor --repair` puts it back, if nothing else was written to it since; a deleted branch, in a clone " +
        "that has its whole history (one in which `git coord verify` has run).";
      return check("board", "fail", `the coordination branch ${what} (${data.known.slice(0, 12)})`, hint);
    }
    default:
      return check("board", "fail", data.code);
  }
}

const TOLERABLE = 30_000;

function inspectClock({ ledger }: Coordination, tip: Tip): Check {
  const ahead = tip.at - ledger.clock.wall();
  if (ahead <= TOLERABLE) {
    const age = `${Math.max(0, Math.round(-ahead / 1000))} s ago by this machine's clock`;
    return check("clock", "ok", `not behind the ledger's time; its last commit was dated ${age}`);
  }
  const message = `the ledger's time is ${Math.round(ahead / 1000)} s ahead of this machine's clock`;
  return check("clock", "warn", message, "This clock is slow, or some other machine's is fast: compare both with NTP.");
}

/** What hosted remotes advise for one repository, in a minute. */
const ADVISED = 6;
const BUDGET = `\`git coord settings "Push budget" ${ADVISED}/min\` lets renewals wait and share pushes.`;

async function inspectPushes({ ledger, pushLog, remoteName }: Coordination, { board }: Tip): Promise<Check> {
  const now = ledger.clock.wall();
  const count = await pushLog.since(now - MINUTE);
  const { pushBudget } = readSettings(board);
  const words = `this clone has pushed ${count} times to ${remoteName} in the last minute`;
  if (pushBudget !== null) return check("pushes", "ok", `${words}; the budget of all machines is ${pushBudget}`);
  const hint = count > ADVISED ? `Hosted remotes advise ${ADVISED} for a repository. ${BUDGET}` : null;
  return check("pushes", "ok", `${words}; there is no budget`, hint);
}

async function inspectPending({ ledger }: Coordination): Promise<Check> {
  const open = (await settle(ledger, "look")).filter(({ outcome }) => outcome === "open");
  if (open.length === 0) return check("pending", "ok", "no push is in doubt");
  const subjects = open.map(({ record }) => record.subject).join("; ");
  return check("pending", "warn", `not settled yet: ${subjects}`, "The next command that writes settles it.");
}
