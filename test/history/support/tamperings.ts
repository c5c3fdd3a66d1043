import { observe } from "../../../src/domain/expiry.ts";
import type { Operation } from "../../../src/domain/request.ts";
import { lock } from "../../../src/domain/resource.ts";
import type { Context } from "../../../src/domain/verdict.ts";
import { formatTree, parseTree } from "../../../src/git/tree-object.ts";
import type { FindingCode } from "../../../src/history/finding.ts";
import { HOUSEKEEPER } from "../../../src/ledger/barrier.ts";
import { buildChain, writeDraft } from "../../../src/ledger/chain.ts";
import type { NewCommit, Oid } from "../../../src/ledger/ports.ts";
import { orchestratorPerson, propose } from "../../../src/ledger/proposal.ts";
import { BOARD_FILE } from "../../../src/ledger/tip.ts";
import { type LongHistory, MINUTE, PERSON, SECOND } from "./long-history.ts";

/** One way to tamper with a history: makes one commit on its tip that no honest program makes. */
export interface Tampering {
  readonly name: string;
  /** What verify calls it. */
  readonly code: FindingCode;
  readonly forge: (history: LongHistory) => Promise<Oid>;
  /** What comes after it: honest operations, or the repair that a damaged board needs. */
  readonly after: "operations" | "repair";
  /** Whether a server with the hook lets it pass: what is legal, and only worth a look. */
  readonly passes?: boolean;
}

/** What all of them begin with: live leases of ana and bob, and one of cleo that is over. */
export async function stage(history: LongHistory, now: number): Promise<void> {
  if (history.now > now - 180 * MINUTE) throw new Error("the history is not over in time");
  history.now = now - 180 * MINUTE;
  // A server with a real clock judges what the test takes a while to push.
  await history.ask("ana", { op: "set", name: "Clock tolerance", value: "1h" });
  for (const id of ["ana", "bob", "cleo", "dora", "emil", "finn"]) await history.ask(id, { op: "leave" });
  await history.ask("cleo", { op: "acquire", resources: [lock("deploy")], ttl: null, reason: null });
  history.now = now;
  await hold(history);
}

/** What most of them are about. */
export async function hold(history: LongHistory): Promise<void> {
  await history.ask("ana", { op: "unlock", resources: null });
  await history.ask("eve", { op: "leave" });
  await history.ask("ana", { op: "acquire", resources: [lock("build")], ttl: null, reason: "a build" });
  await history.ask("bob", { op: "acquire", resources: [{ kind: "file", name: "src/a.ts" }], ttl: null, reason: null });
}

type Change = (commit: NewCommit) => Partial<NewCommit>;

/** An honest commit, made on the tip and then changed. */
async function changed(history: LongHistory, change: Change, id = "ana", operation: Operation = GPU): Promise<Oid> {
  const { end } = await buildChain(history.writer, history.tip, [propose(history.request(id, operation))], []);
  const { author, committer, at, message } = await history.objects.readCommit(end.commit);
  if (end.commit === history.tip.commit) throw new Error("nothing to tamper with");
  const commit = {
    parent: history.tip.commit,
    files: new Map([[BOARD_FILE, end.text]]),
    author,
    committer,
    at,
    message,
  };
  return history.objects.writeCommit({ ...commit, ...change(commit) });
}

const GPU = { op: "acquire", resources: [lock("gpu")], ttl: null, reason: null } as const;
/** By somebody who is not on the board: no time and no fence of this commit is written there. */
const ADD = { op: "add", title: "A task", priority: 3, area: null, after: [], id: null } as const;
const EVE = { op: "acquire", resources: [lock("build")], ttl: null, reason: null } as const;

const message =
  (from: string | RegExp, to: string): Change =>
  (commit) => {
    const text = commit.message.replace(from, to);
    if (text === commit.message) throw new Error(`nothing like ${from} in ${commit.message}`);
    return { message: text };
  };

const board =
  (edit: (text: string) => string): Change =>
  ({ files }) => {
    const before = files.get(BOARD_FILE) ?? "";
    const text = edit(before);
    if (text === before) throw new Error("the board was not changed");
    return { files: new Map([[BOARD_FILE, text]]) };
  };

/** A person's commit with plain git. */
function byHand(history: LongHistory, edit: (text: string) => string): Promise<Oid> {
  const base = { parent: history.tip.commit, files: new Map([[BOARD_FILE, history.tip.text]]), author: PERSON };
  const commit = { ...base, committer: PERSON, at: history.now, message: "By hand\n" };
  return history.objects.writeCommit({ ...commit, ...board(edit)(commit) });
}

/** Decided as if the writer knew what it does not. */
async function pretending(history: LongHistory, context: Partial<Context>): Promise<Oid> {
  const request = history.request("eve", EVE);
  const place = { at: Math.max(history.now, history.tip.at), seq: history.tip.seq + 1 };
  const known = { ...place, clock: history.now, observed: [], ...context };
  const decision = await propose(request).decide(history.tip, known, async () => null);
  if (decision.kind !== "write") throw new Error("the pretence was seen through");
  return writeDraft(history.writer, history.tip.commit, decision.draft, request.opId, place);
}

function housekeeping(history: LongHistory, op: "barrier" | "repair" | "init", text: string): Promise<Oid> {
  const author = op === "barrier" ? { name: HOUSEKEEPER, email: "housekeeping@git-coord.invalid" } : PERSON;
  const entry = { op, actor: op === "init" ? PERSON.name : HOUSEKEEPER, resources: [], evidence: [], request: null };
  const draft = { files: new Map([[BOARD_FILE, text]]), subject: op, body: "", author, entry, request: null };
  const place = { at: Math.max(history.now, history.tip.at), seq: history.tip.seq + 1 };
  return writeDraft(history.writer, history.tip.commit, draft, history.opId(), place);
}

/** The repair that `doctor --repair` lands. */
export const repair = (history: LongHistory, text: string): Promise<Oid> => housekeeping(history, "repair", text);

const addOf = (history: LongHistory, change: Change) => changed(history, change, "zoe", ADD);

const removeLock = (text: string) => text.replace(/(\*\*Locked By\*\* \|) ana \|/, "$1 none |");
const FILE_ROW = /(\| src\/a\.ts \| bob \|[^\n]*\n)/;

export const TAMPERINGS: readonly Tampering[] = [
  {
    name: "a forged resource trailer",
    code: "wrong_trailers",
    forge: (history) => changed(history, message("Coord-Resource: lock:gpu", "Coord-Resource: lock:docs")),
    after: "operations",
  },
  {
    name: "a widened expiry",
    code: "other_board",
    forge: (history) =>
      changed(
        history,
        board((text) => text.replace(/(\*\*Expires\*\* \|) [^|]+\|/, "$1 2030-01-01T00:00:00Z |")),
      ),
    after: "operations",
  },
  {
    name: "a claim over a live lease",
    code: "refused_request",
    forge: (history) =>
      pretending(history, { clock: history.now + 24 * 60 * MINUTE }).then((oid) => withoutEvidence(history, oid)),
    after: "operations",
  },
  {
    name: "a swapped author",
    code: "wrong_author",
    forge: (history) => changed(history, () => ({ author: orchestratorPerson("bob") })),
    after: "operations",
  },
  {
    name: "a merge",
    code: "several_parents",
    forge: (history) =>
      addOf(history, () => ({})).then((oid) =>
        raw(history, oid, (text) => text.replace(/^(parent .*\n)/m, `$1parent ${history.commits[3]}\n`)),
      ),
    after: "operations",
  },
  {
    name: "a hand edit that clears a lock",
    code: "manual_edit",
    forge: (history) => byHand(history, removeLock),
    after: "operations",
    passes: true,
  },
  {
    name: "a clock turned back",
    code: "time_backwards",
    forge: (history) =>
      addOf(history, (commit) => {
        const at = history.tip.at - 3600 * SECOND;
        const stamp = new Date(at).toISOString();
        return { at, ...message(/Coord-At: .*/, `Coord-At: ${stamp}`)(commit) };
      }),
    after: "operations",
  },
  {
    name: "a date that is not its own",
    code: "wrong_date",
    forge: (history) => addOf(history, ({ at }) => ({ at: at + 5 * SECOND })),
    after: "operations",
  },
  {
    name: "a time far ahead",
    code: "from_the_future",
    forge: (history) =>
      addOf(history, (commit) => {
        const at = commit.at + 300 * MINUTE;
        return { at, ...message(/Coord-At: .*/, `Coord-At: ${new Date(at).toISOString()}`)(commit) };
      }),
    after: "operations",
  },
  {
    name: "an op id used before",
    code: "duplicate_op_id",
    forge: async (history) => {
      const old = (await history.objects.readCommit(history.commits[7] as Oid)).message;
      return addOf(history, message(/Coord-Op-Id: .*/, /Coord-Op-Id: .*/.exec(old)?.[0] ?? ""));
    },
    after: "operations",
  },
  {
    name: "two op ids",
    code: "malformed",
    forge: (history) => addOf(history, message(/(Coord-Op-Id: .*)/, "$1\n$1x")),
    after: "operations",
  },
  {
    name: "an op id that was typed",
    code: "bad_op_id",
    forge: (history) => addOf(history, message(/Coord-Op-Id: .*/, "Coord-Op-Id: mine")),
    after: "operations",
  },
  {
    name: "an unknown operation",
    code: "malformed",
    forge: (history) => addOf(history, message("Coord-Op: add", "Coord-Op: conjure")),
    after: "operations",
  },
  {
    name: "a forged seq",
    code: "wrong_seq",
    forge: (history) => addOf(history, message(/Coord-Seq: .*/, `Coord-Seq: ${history.tip.seq + 1001}`)),
    after: "operations",
  },
  {
    name: "a fence higher than its grant",
    code: "contradictory_board",
    forge: (history) =>
      changed(
        history,
        board((text) => text.replace(/(\*\*Fence\*\* \|) \d+ \|/, "$1 99999999 |")),
      ),
    after: "repair",
  },
  {
    name: "a takeover without its evidence",
    code: "refused_request",
    forge: (history) =>
      changed(history, message(/Coord-Evidence: .*\n/g, ""), "eve", { ...EVE, resources: [lock("deploy")] }),
    after: "operations",
  },
  {
    name: "evidence by a clock of tomorrow",
    code: "weak_evidence",
    forge: (history) => pretending(history, { clock: history.now + 24 * 60 * MINUTE }),
    after: "operations",
  },
  {
    name: "evidence of what nobody can have observed",
    code: "weak_evidence",
    forge: (history) => {
      const { board } = history.tip;
      return pretending(history, { observed: board.leases.map((lease) => observe(board, lease)) });
    },
    after: "operations",
  },
  {
    name: "another's session",
    code: "refused_request",
    forge: (history) => changed(history, message('"session":"of-ana"', '"session":"of-eve"')),
    after: "operations",
  },
  {
    name: "a request for something else",
    code: "other_board",
    forge: (history) => addOf(history, message('"priority":3', '"priority":1')),
    after: "operations",
  },
  {
    name: "a board that cannot be read",
    code: "unreadable_board",
    forge: (history) =>
      addOf(
        history,
        board((text) =>
          `<<<<<<< ours\n${text}\n>>>>>>> theirs\n| T001 |`.replace(
            /## 📋 Task Queue/,
            "## 📋 Task Queue\n\n## 📋 Task Queue",
          ),
        ),
      ),
    after: "repair",
  },
  {
    name: "a symbolic link in the board's place",
    code: "unreadable_board",
    forge: async (history) => {
      const commit = await history.objects.readCommit(await addOf(history, () => ({})));
      const entries = parseTree(history.objects.bytes(commit.tree)).map((entry) =>
        entry.name === BOARD_FILE ? { ...entry, mode: "120000" } : entry,
      );
      const tree = history.objects.put("tree", formatTree(entries));
      return raw(history, commit.oid, (text) => text.replace(/^tree .*/, `tree ${tree}`));
    },
    after: "repair",
  },
  {
    name: "two holders, by hand",
    code: "two_holders",
    forge: (history) => byHand(history, (text) => text.replace(FILE_ROW, "$1| src/ | eve | - | - | - | - |\n")),
    after: "repair",
  },
  {
    name: "a fence given by hand",
    code: "forged_fence",
    forge: (history) => byHand(history, (text) => text.replace(/(\*\*Fence\*\* \|) \d+ \|/, "$1 2 |")),
    after: "operations",
  },
  {
    name: "a file more in the tree",
    code: "other_files",
    forge: (history) => addOf(history, ({ files }) => ({ files: new Map([...files, ["payload.sh", "rm -rf\n"]]) })),
    after: "operations",
  },
  {
    name: "a barrier that frees a lock",
    code: "barrier_with_effect",
    forge: (history) => housekeeping(history, "barrier", removeLock(history.tip.text)),
    after: "operations",
  },
  {
    name: "a repair of a board in order",
    code: "needless_repair",
    forge: (history) => housekeeping(history, "repair", removeLock(history.tip.text)),
    after: "operations",
  },
  {
    name: "a second founding",
    code: "misplaced",
    forge: (history) => housekeeping(history, "init", removeLock(history.tip.text)),
    after: "operations",
  },
];

async function withoutEvidence(history: LongHistory, oid: Oid): Promise<Oid> {
  const { author, committer, at, message } = await history.objects.readCommit(oid);
  const text = await history.objects.readFile(oid, BOARD_FILE);
  const files = new Map([[BOARD_FILE, text.kind === "text" ? text.text : ""]]);
  const parent = history.tip.commit;
  const honest = message.replace(/Coord-Evidence: .*\n/g, "");
  return history.objects.writeCommit({ parent, files, author, committer, at, message: honest });
}

async function raw(history: LongHistory, oid: Oid, change: (text: string) => string): Promise<Oid> {
  return history.objects.put("commit", Buffer.from(change(history.objects.bytes(oid).toString("utf8"))));
}
