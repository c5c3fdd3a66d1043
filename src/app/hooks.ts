import { parseBoard } from "../board/index.ts";
import type { Board } from "../domain/board.ts";
import type { Duration, Instant } from "../domain/instant.ts";
import { readSettings } from "../domain/settings.ts";
import { type RefUpdate, ruleOnChain } from "../guard/chain.ts";
import { type Change, ruleOnChanges } from "../guard/changes.ts";
import { ruleOnFences } from "../guard/fence.ts";
import { PASS, type Policy, type Ruling, together, unsure } from "../guard/ruling.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import type { FetchOutcome, Oid } from "../ledger/ports.ts";

export type { RefUpdate } from "../guard/chain.ts";
export type { Remark, Ruling } from "../guard/ruling.ts";

/** What the hooks of every repository need. */
interface HookPlace {
  readonly now: () => Instant;
  /** Reads commits and boards where the hook's own objects are. Whoever opens it closes it. */
  readonly openChain: () => ChainReader;
  /** The coordination branch, as it stands in pushes. */
  readonly branch: string;
  /** `coord.whenUnsure` of this repository, for when the board's own settings cannot be read. */
  readonly whenUnsure: Policy["whenUnsure"] | null;
  /** The commits that a push brings, and what each touches. */
  readonly pushedChanges: (tips: readonly Oid[], known: readonly string[]) => Promise<readonly Change[]>;
}

export interface ClientPlace extends HookPlace {
  readonly identity: string | null;
  /** `COORD_FENCE` */
  readonly fences: string | null;
  readonly stagedPaths: () => Promise<readonly string[]>;
  readonly knownTip: () => Promise<Oid | null>;
  /** The text of the board in a commit of the ledger; null when there is none. */
  readonly boardText: (commit: Oid) => Promise<string | null>;
  /** How long ago the remote last told its tip. */
  readonly age: () => Promise<Duration>;
  /** Asks the remote, and gives up in time. */
  readonly refresh: () => Promise<FetchOutcome>;
  /** Whether a remote that is pushed to is the one of the board. */
  readonly isBoardRemote: (name: string, url: string) => boolean;
  /** The configured remotes that have this name or URL: what they have is known, also when a push names the URL. */
  readonly remotesAt: (name: string, url: string) => readonly string[];
}

export interface ServerPlace extends HookPlace {
  /** The tip of the coordination branch before the push. */
  readonly tip: () => Promise<Oid | null>;
  /** The commit of the chain up to `tip` that has this op id already. */
  readonly opIdSeen: (tip: Oid | null, opId: string) => Promise<Oid | null>;
}

/** The board as a hook goes by it. */
type Seen =
  | { readonly kind: "board"; readonly board: Board; readonly policy: Policy }
  /** The remote has no board: nobody holds anything. */
  | { readonly kind: "none" }
  | { readonly kind: "unsure"; readonly why: string };

/** Whether this commit may be made. */
export async function preCommit(place: ClientPlace): Promise<Ruling> {
  return guarded(place, async () => {
    const [seen, paths] = await Promise.all([seenBoard(place), place.stagedPaths()]);
    return onBoard(place, seen, (board, policy) =>
      ruleOnChanges(board, [{ commit: null, by: place.identity, paths }], place.now(), policy),
    );
  });
}

/** Whether this push may be sent. */
export async function prePush(
  place: ClientPlace,
  remote: { readonly name: string; readonly url: string },
  updates: readonly RefUpdate[],
): Promise<Ruling> {
  return guarded(place, async () => {
    const isBoard = ({ ref }: RefUpdate) => ref === branchRef(place) && place.isBoardRemote(remote.name, remote.url);
    const chain = await reading(place, (reader) =>
      Promise.all(updates.filter(isBoard).map((update) => rulingOnChain(place, reader, update))),
    );
    const code = updates.filter((update) => !isBoard(update) && update.new !== null);
    const seen = await seenBoard(place, 0);
    const tips = code.map((update) => update.new as Oid);
    const there = place.remotesAt(remote.name, remote.url).map((name) => `--remotes=${name}`);
    const known = [...there, ...code.flatMap(({ old }) => (old === null ? [] : [old]))];
    const changes = tips.length === 0 ? [] : await place.pushedChanges(tips, known);
    const own = changes.map((change) => ({ ...change, by: change.by ?? place.identity }));
    const rest = onBoard(place, seen, (board, policy) =>
      together(
        ruleOnFences(board, code.length === 0 ? null : place.fences, place.identity, place.now()),
        ruleOnChanges(board, own, place.now(), policy),
      ),
    );
    return together(...chain, rest);
  });
}

const branchRef = ({ branch }: HookPlace): string => `refs/heads/${branch}`;

function rulingOnChain(place: HookPlace, reader: ChainReader, update: RefUpdate): Promise<Ruling> {
  // The writer's clock is no better than the remote's; it is the server that judges times.
  return ruleOnChain(reader, { ...update, branch: place.branch }, { judge: null, opIdSeen: async () => null });
}

/** Whether a server may take this push: all its refs together. Whatever goes wrong refuses it. */
export async function preReceive(place: ServerPlace, updates: readonly RefUpdate[]): Promise<Ruling> {
  return reading(place, async (reader) => {
    const before = await place.tip();
    const ledger = updates.find(({ ref }) => ref === branchRef(place));
    const chain = ledger
      ? await ruleOnChain(reader, { ...ledger, branch: place.branch }, chainRules(place, before))
      : PASS;
    const code = updates.filter((update) => update !== ledger && update.new !== null);
    // Code that comes together with a renewal is judged by what the renewal gives.
    const tip = ledger?.new ?? before;
    if (!chain.pass || code.length === 0 || tip === null) return chain;
    const board = await boardOf(reader, tip);
    if (!board) return together(chain, unsure("the board cannot be read", { whenUnsure: "refuse" }));
    const changes = await place.pushedChanges(
      code.map((update) => update.new as Oid),
      ["--all"],
    );
    return together(chain, ruleOnChanges(board, changes, place.now(), policyOf(board)));
  });
}

const chainRules = (place: ServerPlace, before: Oid | null) => ({
  judge: place.now(),
  opIdSeen: (opId: string) => place.opIdSeen(before, opId),
});

/** Whether the changes between two commits may be merged: for hosts without hooks of one's own. */
export async function pullRequest(
  place: ServerPlace,
  range: { readonly base: Oid; readonly head: Oid },
): Promise<Ruling> {
  return reading(place, async (reader) => {
    const tip = await place.tip();
    const board = tip === null ? null : await boardOf(reader, tip);
    if (tip !== null && !board) return unsure("the board cannot be read", { whenUnsure: "refuse" });
    if (!board) return PASS;
    const changes = await place.pushedChanges([range.head], [range.base]);
    return ruleOnChanges(board, changes, place.now(), policyOf(board));
  });
}

async function boardOf(reader: ChainReader, tip: Oid): Promise<Board | null> {
  for await (const { board } of reader.snapshots(await reader.log(tip, null, 1))) {
    const reading = board.kind === "text" ? parseBoard(board.text) : null;
    return reading?.ok ? reading.board : null;
  }
  return null;
}

async function reading<T>({ openChain }: HookPlace, use: (reader: ChainReader) => Promise<T>): Promise<T> {
  const reader = openChain();
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

const policyOf = (board: Board): Policy => readSettings(board);

function onBoard(place: HookPlace, seen: Seen, rule: (board: Board, policy: Policy) => Ruling): Ruling {
  switch (seen.kind) {
    case "none":
      return PASS;
    case "unsure":
      return unsure(seen.why, { whenUnsure: place.whenUnsure ?? "allow" });
    case "board":
      return rule(seen.board, seen.policy);
  }
}

/** On the client nothing that goes wrong stops somebody's work, unless they said so. */
async function guarded(place: HookPlace, run: () => Promise<Ruling>): Promise<Ruling> {
  try {
    return await run();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return unsure(why, { whenUnsure: place.whenUnsure ?? "allow" });
  }
}

/**
 * The board seen last; when that is older than allowed, the remote's, if it answers in time.
 * @param most how old it may be, in milliseconds; not given: as the board's settings say
 */
async function seenBoard(place: ClientPlace, most: Duration | null = null): Promise<Seen> {
  const known = await readSeen(place, await place.knownTip());
  const allowed = most ?? (known.kind === "board" ? readSettings(known.board).boardAge : 0);
  if (known.kind === "board" && (await place.age()) <= allowed) return known;
  const fetched = await place.refresh();
  switch (fetched.kind) {
    case "tip":
      return readSeen(place, fetched.tip);
    case "absent":
      return { kind: "none" };
    case "rewritten":
      return { kind: "unsure", why: "the coordination branch was rewritten; see `git coord doctor`" };
    // An old board is better than none.
    case "unreachable":
      return known.kind === "none" ? { kind: "unsure", why: `no board was ever seen: ${fetched.words}` } : known;
  }
}

async function readSeen(place: ClientPlace, tip: Oid | null): Promise<Seen> {
  if (tip === null) return { kind: "none" };
  const text = await place.boardText(tip);
  const reading = text === null ? null : parseBoard(text);
  if (!reading?.ok) return { kind: "unsure", why: "the board cannot be read; see `git coord doctor`" };
  return { kind: "board", board: reading.board, policy: policyOf(reading.board) };
}
