import type { OrchestratorId } from "../domain/identifier.ts";
import { formatInstant, type Instant, parseInstant } from "../domain/instant.ts";
import type { Request } from "../domain/request.ts";
import type { Context, Evidence, Observation } from "../domain/verdict.ts";
import { decodeRequest } from "./request-json.ts";
import { all, formatTrailers, parseTrailers, single, type Trailer } from "./trailers.ts";

/** Commits that the program makes without a request: a hand edit that it landed, and what keeps a ledger healthy. */
export type Housekeeping = "init" | "edit" | "barrier" | "repair";

/** What a commit says about itself in its trailers (DESIGN 5). */
export interface Entry {
  readonly op: Request["operation"]["op"] | Housekeeping;
  readonly opId: string;
  readonly actor: OrchestratorId;
  readonly at: Instant;
  readonly seq: number;
  readonly resources: readonly string[];
  readonly evidence: readonly Evidence[];
  /** Null for housekeeping, which is not replayed but compared. */
  readonly request: Request | null;
}

/** A commit's message, read: an entry, a manual edit without trailers, or trailers that cannot be ours. */
export type EntryReading =
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "manual" }
  | { readonly kind: "malformed"; readonly why: string };

export function formatMessage(subject: string, body: string, entry: Entry, request: string | null): string {
  const trailers: Trailer[] = [
    ["Coord-Op", entry.op],
    ["Coord-Actor", entry.actor],
    ...entry.resources.map((resource): Trailer => ["Coord-Resource", resource]),
    ["Coord-At", exactInstant(entry.at)],
    ["Coord-Seq", String(entry.seq)],
    ["Coord-Op-Id", entry.opId],
    ...entry.evidence.map((proof): Trailer => ["Coord-Evidence", encodeEvidence(proof)]),
    ...(request === null ? [] : [["Coord-Request", request] satisfies Trailer]),
  ];
  return [subject, ...(body === "" ? [] : [body]), formatTrailers(trailers)].join("\n\n").concat("\n");
}

const exactInstant = (at: Instant): string => new Date(at).toISOString();

const HOUSEKEEPING: readonly string[] = ["init", "edit", "barrier", "repair"] satisfies Housekeeping[];

export function readEntry(message: string): EntryReading {
  const trailers = parseTrailers(message);
  // The client's hooks say on every commit who made it, on those of the board by hand as well.
  if (trailers.every(([key]) => key === "Coord-Id")) return { kind: "manual" };
  const malformed = (why: string): EntryReading => ({ kind: "malformed", why });
  const need = (key: string): string | null => single(trailers, key);
  const [op, actor, at, seq, opId] = ["Op", "Actor", "At", "Seq", "Op-Id"].map((key) => need(`Coord-${key}`));
  if (!op || !actor || !at || !seq || !opId) return malformed("a trailer is missing or stands there twice");
  const time = parseInstant(at);
  if (time === null || !/^[1-9]\d{0,14}$/.test(seq)) return malformed("Coord-At or Coord-Seq cannot be read");
  const evidence = all(trailers, "Coord-Evidence").map(decodeEvidence);
  if (evidence.includes(null)) return malformed("Coord-Evidence cannot be read");
  const isRequest = !HOUSEKEEPING.includes(op);
  const request = isRequest ? decodeRequest(need("Coord-Request") ?? "", opId, actor) : null;
  if (isRequest && request?.operation.op !== op) return malformed("Coord-Request cannot be read");
  const entry: Entry = {
    op: op as Entry["op"],
    opId,
    actor,
    at: time,
    seq: Number(seq),
    resources: all(trailers, "Coord-Resource"),
    evidence: evidence as Evidence[],
    request,
  };
  return { kind: "entry", entry };
}

function encodeEvidence({ kind, resource, holder, fence, expires, clock }: Evidence): string {
  const time = (at: Instant | null) => (at === null ? null : formatInstant(at));
  return JSON.stringify({ kind, resource, holder, fence, expires: time(expires), clock: exactInstant(clock) });
}

function decodeEvidence(text: string): Evidence | null {
  try {
    const { kind, resource, holder, fence, expires, clock } = JSON.parse(text) as Record<string, unknown>;
    const [end, judged] = [expires, clock].map((time) => (typeof time === "string" ? parseInstant(time) : null));
    if ((kind !== "clock" && kind !== "observed") || typeof resource !== "string") return null;
    if (typeof holder !== "string" || judged === null || judged === undefined) return null;
    return {
      kind,
      resource,
      holder,
      fence: typeof fence === "number" ? fence : null,
      expires: end ?? null,
      clock: judged,
    };
  } catch {
    return null;
  }
}

/**
 * What the decision behind a commit knew. Without evidence in the commit no expiry of anybody else's counted, so
 * the clock of a commit that took nothing is as good as none.
 */
export function contextOf(parentSeq: number, { at, evidence }: Pick<Entry, "at" | "evidence">): Context {
  const byClock = evidence.filter(({ kind }) => kind === "clock").map(({ clock }) => clock);
  return {
    at,
    seq: parentSeq + 1,
    clock: byClock.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...byClock),
    observed: evidence.filter(({ kind }) => kind === "observed").map(toObservation),
  };
}

const toObservation = ({ resource, holder, fence, expires }: Evidence): Observation => ({
  resource,
  holder,
  fence,
  expires,
});
