/** Why a path cannot be locked. Words for people are made in the faces. */
export type PathProblem = "empty" | "absolute" | "outside" | "in_git" | "wildcard" | "whole_repository" | "control";

export type PathReading =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: PathProblem };

const refuse = (problem: PathProblem): PathReading => ({ ok: false, problem });

/**
 * Normalises a path that somebody wants to lock: `./a//b` is `a/b`, `a/x/../b` is `a/b`, `a\b` is `a/b`,
 * `dir/**` is `dir/` (CLI.md, "Paths"). Paths are relative to the repository's root. Accents are composed
 * (NFC), so that one file has one spelling on every file system.
 */
export function normalizePath(text: string): PathReading {
  if (text === "") return refuse("empty");
  if (/[\u0000-\u001f\u007f]|\p{Surrogate}/u.test(text)) return refuse("control");
  const slashed = text.normalize("NFC").replaceAll("\\", "/");
  if (slashed.startsWith("/") || /^[A-Za-z]:/.test(slashed) || slashed.startsWith("~")) return refuse("absolute");
  const tree = slashed.replace(/\/\*\*\/?$/, "/");
  if (/[*?[\]]/.test(tree)) return refuse("wildcard");
  const parts: string[] = [];
  for (const part of tree.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return refuse("outside");
  }
  if (parts.length === 0) return refuse("whole_repository");
  if (parts.some((part) => part.toLowerCase() === ".git")) return refuse("in_git");
  const directory = /(^|\/)\.{0,2}$/.test(tree);
  return { ok: true, path: parts.join("/") + (directory ? "/" : "") };
}

/**
 * What two spellings of one path share: composed, case folded (upper case folds `ß` and final sigma, which
 * lower case does not), with no trailing slash.
 */
export function pathKey(path: string): string {
  return path.normalize("NFC").toUpperCase().normalize("NFC").replace(/\/+$/, "");
}

/** Equal or nested: whoever holds one of them must not meet somebody else who holds the other. */
export function pathsOverlap(a: string, b: string): boolean {
  const one = pathKey(a);
  const other = pathKey(b);
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

/** Whether a lease on `outer` protects everything that a lease on `inner` would. */
export function pathCovers(outer: string, inner: string): boolean {
  const one = pathKey(outer);
  const other = pathKey(inner);
  return one === other || other.startsWith(`${one}/`);
}
