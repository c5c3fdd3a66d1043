import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** One remote that a ledger can be on, as the user knows it and as git is told. */
export interface Endpoint {
  readonly kind: "configured" | "location" | "embedded";
  /** For people: the remote's name, the address, or the path of the embedded repository. */
  readonly name: string;
  /** For names of files and refs: letters, digits, `.`, `_` and `-`. */
  readonly key: string;
  /** As the user wrote it: git's own rewriting (`url.*.insteadOf`) is still to come. */
  readonly url: string;
  /** Where to push, when that differs; then fetches go there too, for a ledger is read where it is written. */
  readonly pushUrl: string | null;
  /** Further settings of the remote, as variable and value: a proxy, the programs on the server. */
  readonly settings: readonly (readonly [variable: string, value: string])[];
}

/** A key that is safe as a file name and in a ref, also where case does not matter. */
export function endpointKey(kind: Endpoint["kind"], name: string): string {
  if (kind === "embedded") return "_embedded";
  if (kind === "location") return `_location-${digest(name)}`;
  const plain = /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && !/\.\.|\.lock$|\.$/.test(name);
  return plain ? name : `_remote-${digest(name)}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Whether git reads the address as a path on this machine: no scheme, and no colon before the first slash. */
export function isLocalPath(url: string): boolean {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(url)) return false;
  if (process.platform === "win32" && /^[A-Za-z]:/.test(url)) return true;
  const [colon, slash] = [url.indexOf(":"), url.indexOf("/")];
  return colon < 0 || (slash >= 0 && slash < colon);
}

/**
 * The folder that an address leads to, absolute; null for one that is no path of this machine.
 * @param directory what a relative path is relative to: for git, where the work tree begins
 */
export function folderOf(url: string, directory: string): string | null {
  if (isLocalPath(url)) return resolve(directory, url);
  try {
    // For git, what follows `?` and `#` is part of the path; in an address that node reads it is not.
    return /^file:\/\/[^?#]*$/i.test(url) ? fileURLToPath(url) : null;
  } catch {
    return null;
  }
}

/** Whether an address can end up at an http remote: what is no path may be, for git rewrites addresses (`url.*.insteadOf`). */
export function mayBeHttp(url: string): boolean {
  return !isLocalPath(url) && !/^file:\/\//i.test(url);
}
