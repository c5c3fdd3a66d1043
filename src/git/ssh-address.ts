import type { Config } from "./config.ts";
import type { Endpoint } from "./endpoint.ts";

/** Whom git tells ssh to connect to. */
export interface SshTarget {
  /** `host` or `user@host`: an alias of the user's ssh settings counts as a host. */
  readonly destination: string;
  readonly port: string | null;
}

/**
 * Where ssh connects to for a remote, whose fetches and pushes may go to different addresses.
 * @returns `none` when git does not need ssh for it, or when we cannot tell; `several` for two different hosts
 */
export function sshTargetOf({ url, pushUrl }: Endpoint, config: Config): SshTarget | "none" | "several" {
  const fetched = rewritten(url, config, "insteadof") ?? url;
  const pushed = pushUrl === null ? (rewritten(url, config, "pushinsteadof") ?? fetched) : fetched;
  const [target, ...others] = [fetched, pushed].map(parseSshAddress).filter((each) => each !== null);
  if (target === undefined) return "none";
  return others.every((other) => other.destination === target.destination && other.port === target.port)
    ? target
    : "several";
}

/** What git makes of an address by `url.<base>.insteadOf`: the longest match counts. Null: none matches. */
function rewritten(url: string, { entries }: Config, variable: "insteadof" | "pushinsteadof"): string | null {
  let [longest, address]: [string, string | null] = ["", null];
  for (const { key, value } of entries) {
    if (!key.startsWith("url.") || !key.endsWith(`.${variable}`) || !url.startsWith(value)) continue;
    if (address !== null && value.length <= longest.length) continue;
    longest = value;
    address = key.slice("url.".length, -variable.length - 1) + url.slice(value.length);
  }
  return address;
}

const USER = "(?:[^-@:/[\\]%][^@:/[\\]%]*@)?";
const HOST = "[^-@:/[\\]%][^@:/[\\]%]*|\\[[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\\]";
/** `ssh://user@host:port/path`; a host in brackets is an IPv6 address. */
const WITH_SCHEME = new RegExp(`^(?:ssh|git\\+ssh|ssh\\+git)://(${USER})(${HOST})(?::(\\d+))?/`);
/** `user@host:path`: a colon before the first slash. */
const WITHOUT_SCHEME = new RegExp(`^(${USER})(${HOST}):(?!//)`);

/** Null for every other address, and for rare spellings: those are git's to understand. */
export function parseSshAddress(address: string): SshTarget | null {
  const match = WITH_SCHEME.exec(address) ?? WITHOUT_SCHEME.exec(address);
  if (match === null) return null;
  const [, user = "", host = "", port = null] = match;
  return { destination: user + host.replace(/^\[|\]$/g, ""), port };
}
