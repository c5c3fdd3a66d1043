/** Reads what an http remote answered from git's own trace (GIT_TRACE_CURL): git's output does not tell the header. */
import { type Duration, MINUTE, SECOND } from "../domain/instant.ts";

export interface HttpResponse {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What git is told to write into a trace: headers without bodies; passwords it leaves out by itself, unless told not to. */
export const HEADERS_ONLY = { GIT_TRACE_CURL_NO_DATA: "1", GIT_TRACE_REDACT: "1" } as const;

/** What a remote gets that says "too many requests" and not how long to wait: what GitHub's documentation asks for. */
const UNNAMED: Duration = MINUTE;
/** A remote that says "at once" has had too many requests all the same. */
const SHORTEST: Duration = SECOND;
/** A remote that asks for more is asked again after this. */
const LONGEST: Duration = 60 * MINUTE;

const HEADER = /^(?:\S+ +\S+ +)?<= Recv header: ?(.*)$/;

/** The last answer in a trace, redirections and requests for a password passed over; null when there is none. */
export function lastResponse(trace: string): HttpResponse | null {
  let last: { status: number; headers: Map<string, string> } | null = null;
  for (const line of trace.split("\n")) {
    const text = HEADER.exec(line)?.[1]?.trimEnd();
    if (text === undefined) continue;
    const [, status] = /^HTTP\/[\d.]+ (\d{3})\b/.exec(text) ?? [];
    // `100 Continue` is no answer yet.
    if (status !== undefined && Number(status) >= 200) last = { status: Number(status), headers: new Map() };
    const colon = text.indexOf(":");
    if (colon > 0) last?.headers.set(text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim());
  }
  return last;
}

/**
 * How long a remote asks to be left alone; null when it does not. `429` always does, `503` when it says for how long.
 * A date is judged by the clock that wrote it, the answer's own `Date`: ours may be wrong.
 */
export function restAskedFor(response: HttpResponse | null): Duration | null {
  if (response === null || (response.status !== 429 && response.status !== 503)) return null;
  const named = readRetryAfter(response.headers);
  if (named === null) return response.status === 429 ? UNNAMED : null;
  return Math.min(LONGEST, Math.max(SHORTEST, named));
}

/** Null when there is none that can be understood. */
function readRetryAfter(headers: HttpResponse["headers"]): Duration | null {
  const text = headers.get("retry-after") ?? "";
  if (/^\d+$/.test(text)) return Number(text) * SECOND;
  // Numbers with a sign, a fraction or an exponent would pass for years.
  const isDate = /[A-Za-z]{3}/.test(text);
  const time = isDate ? Date.parse(text) - Date.parse(headers.get("date") ?? "") : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
