/** Longest accepted branch name, in characters: it becomes one file name, encoded. */
const LONGEST = 200;

/**
 * Whether a ledger may be on a branch of that name: what `git check-ref-format --branch` accepts, except the
 * forms that stand for another branch (`-`, `@`, `@{-1}`).
 */
export function isBranchName(name: string): boolean {
  if (name === "" || name.length > LONGEST || name.startsWith("-") || name === "HEAD" || name === "@") return false;
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(name)) return false;
  if (name.includes("..") || name.includes("@{") || name.endsWith(".")) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}
