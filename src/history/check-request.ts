import { CodecError } from "../board/index.ts";
import { boardChanges } from "../domain/changes.ts";
import { formatInstant } from "../domain/instant.ts";
import type { Evidence, Refusal, Verdict } from "../domain/verdict.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import { contextOf, type Entry } from "../ledger/entry.ts";
import { type Draft, propose, type ReadText } from "../ledger/proposal.ts";
import { BOARD_FILE } from "../ledger/tip.ts";
import type { Objection } from "./finding.ts";
import { type Link, tipOf } from "./link.ts";

/** Decides the commit's request again on its parent's board, and compares everything that came of it. */
export async function checkRequest(
  reader: Pick<ChainReader, "readFile" | "readFolder">,
  parent: Link,
  link: Link,
  entry: Entry,
): Promise<Objection[]> {
  const tip = tipOf(parent);
  if (!tip || !entry.request)
    return [{ code: "refused_request", message: "it was made on a board that cannot be read" }];
  const readText: ReadText = async (path) => {
    const file = await reader.readFile(parent.commit.oid, path);
    return file.kind === "text" ? file.text : null;
  };
  let decision: Awaited<ReturnType<ReturnType<typeof propose>["decide"]>>;
  try {
    decision = await propose(entry.request).decide(tip, contextOf(tip.seq, entry), readText);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return [{ code: "refused_request", message: `its request cannot be written on a board: ${error.message}` }];
  }
  if (decision.kind === "stop") return [stopped(parent, link, decision.answer)];
  const { draft, answer } = decision;
  const expected = answer.kind === "granted" ? answer.board : null;
  return [
    ...(draft.files.get(BOARD_FILE) === textOf(link) || !expected ? [] : [otherBoard(expected, link)]),
    ...(await checkFiles(reader, parent, link, draft)),
    ...compareTrailers(entry, draft),
    ...compareAuthor(link, draft),
    ...entry.evidence.flatMap((proof) => weakness(proof, entry)),
  ];
}

const textOf = ({ state }: Link): string | null => (state.ok ? state.text : null);

function stopped(parent: Link, link: Link, verdict: Verdict): Objection {
  if (verdict.kind === "refused") {
    const changes = changesBetween(parent, link);
    return { code: "refused_request", message: refusalWords(verdict.refusal), changes, refusal: verdict.refusal };
  }
  const message = "its request changes nothing on the board that it was made on";
  return { code: "other_board", message, changes: changesBetween(parent, link) };
}

/** What a refused commit did all the same. */
function changesBetween(parent: Link, link: Link) {
  return parent.state.ok && link.state.ok ? boardChanges(parent.state.board, link.state.board) : [];
}

function refusalWords(refusal: Refusal): string {
  switch (refusal.kind) {
    case "held": {
      const { resource, holder, expires } = refusal.lease;
      const until = expires === null ? "with no end" : `until ${formatInstant(expires)}`;
      return `its request had to be refused: ${resource.kind}:${resource.name} was held by ${holder} ${until}`;
    }
    case "identity_taken":
      return `its request had to be refused: the id ${refusal.orchestrator.id} belonged to another session`;
    case "lost": {
      const { resource, now } = refusal;
      const whose = now === null ? "nobody held it" : `${now.holder} held it`;
      return `its request had to be refused: ${resource.kind}:${resource.name} was not the actor's, ${whose}`;
    }
    default:
      return `its request had to be refused: ${refusal.kind}`;
  }
}

function otherBoard(expected: Parameters<typeof boardChanges>[0], { state }: Link): Objection {
  const changes = state.ok ? boardChanges(expected, state.board) : [];
  const what = changes.map(({ change, what, name }) => `${what} ${name} ${change}`).join(", ");
  return {
    code: "other_board",
    message: `its board is not what its request gives: ${what || "its text differs"}`,
    changes,
  };
}

/** The archive that the request writes, and nothing else besides the board. */
async function checkFiles(
  reader: Pick<ChainReader, "readFile" | "readFolder">,
  parent: Link,
  link: Link,
  draft: Draft,
): Promise<Objection[]> {
  const written = [...draft.files.keys()].filter((path) => path !== BOARD_FILE);
  const folders = new Set(written.map((path) => path.slice(0, path.indexOf("/"))));
  const strange = strangers(parent.snapshot.root, link.snapshot.root, new Set([BOARD_FILE, ...folders]));
  for (const folder of folders) {
    const [before, after] = await Promise.all(
      [parent, link].map(({ commit }) => reader.readFolder(commit.oid, folder)),
    );
    const own = new Set(written.map((path) => path.slice(folder.length + 1)));
    if (before && after) strange.push(...strangers(before, after, own).map((name) => `${folder}/${name}`));
  }
  for (const path of written) {
    const file = await reader.readFile(link.commit.oid, path);
    if (file.kind !== "text" || file.text !== draft.files.get(path)) strange.push(path);
  }
  return strange.length === 0 ? [] : [{ code: "other_files", message: `it also changes ${strange.join(", ")}` }];
}

/** Names whose entries differ, apart from those that may. */
export function strangers(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  allowed: ReadonlySet<string>,
): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => !allowed.has(name) && before.get(name) !== after.get(name));
}

function compareTrailers(entry: Entry, draft: Draft): Objection[] {
  const objections: Objection[] = [];
  const [said, meant] = [entry.resources, draft.entry.resources].map((list) => list.join(", "));
  if (said !== meant) {
    const message = `its Coord-Resource is ${said || "absent"}, its request was about ${meant || "nothing"}`;
    objections.push({ code: "wrong_trailers", message });
  }
  const key = (list: readonly Evidence[]) =>
    list
      .map((proof) => JSON.stringify(Object.entries(proof).sort()))
      .sort()
      .join();
  if (key(entry.evidence.map(withoutClock)) !== key(draft.entry.evidence.map(withoutClock))) {
    objections.push({ code: "wrong_trailers", message: "its Coord-Evidence is not about what it took" });
  }
  return objections;
}

/** Replay has one clock for all; which of several readings an honest commit wrote is no difference. */
const withoutClock = (proof: Evidence): Evidence => ({ ...proof, clock: 0 });

function compareAuthor({ commit }: Link, { author }: Draft): Objection[] {
  if (commit.author.name === author.name && commit.author.email === author.email) return [];
  const message = `its author is ${commit.author.name} <${commit.author.email}>, its actor ${author.name}`;
  return [{ code: "wrong_author", message }];
}

/** Evidence that the ledger's own time speaks against. */
function weakness({ kind, resource, holder, expires, clock }: Evidence, { at }: Entry): Objection[] {
  const what = `${resource} was taken from ${holder}`;
  if (clock > at) {
    const message = `${what} by a clock at ${formatInstant(clock)}, later than the commit itself`;
    return [{ code: "weak_evidence", message }];
  }
  if (kind === "observed" && expires !== null && at <= expires) {
    const message = `${what} at ${formatInstant(at)}, before its end at ${formatInstant(expires)}, by what one machine says it observed`;
    return [{ code: "weak_evidence", severity: "warning", message }];
  }
  return [];
}
