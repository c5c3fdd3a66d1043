import { type Endpoint, mayBeHttp } from "./endpoint.ts";
import { coarseSeconds, type Finding, finding } from "./finding.ts";

/** A web server's clock has whole seconds, and its answer takes a moment: milliseconds. */
const TOLERABLE = 10_000;
const PATIENCE = 5000;

/**
 * This machine's clock against the remote's, where that can be had: every answer over http is dated. A path is
 * this machine, as far as anybody can tell; ssh does not tell the time. Null when there is nothing to say.
 */
export async function inspectRemoteClock({ url }: Endpoint): Promise<Finding | null> {
  const name = "remote clock";
  if (!mayBeHttp(url)) return null;
  if (!/^https?:\/\//i.test(url)) return finding(name, "ok", "not known: only remotes over http tell the time");
  const there = await dateOf(url);
  if (there === null) return finding(name, "ok", "not known: the remote did not date its answer");
  const ahead = Date.now() - there;
  if (Math.abs(ahead) <= TOLERABLE) return finding(name, "ok", "agrees with this machine's clock");
  const how = ahead > 0 ? "ahead of" : "behind";
  const message = `this machine's clock is ${coarseSeconds(Math.abs(ahead))} ${how} the remote's`;
  return finding(name, "warn", message, "Set this machine's clock, for example with NTP.");
}

/** The `Date` of any answer: also of one that asks for a password. */
async function dateOf(url: string): Promise<number | null> {
  try {
    // Credentials in the address are git's business.
    const address = new URL(url);
    address.username = "";
    address.password = "";
    const answer = await fetch(address, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    const at = Date.parse(answer.headers.get("date") ?? "");
    return Number.isNaN(at) ? null : at;
  } catch {
    return null;
  }
}
