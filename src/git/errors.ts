import { errorCode } from "./atomic-file.ts";

/** What keeps git-coord from working with this repository, git or remote at all. */
export type GitFailureData =
  /** There is no `git` program on PATH. */
  | { readonly code: "git_missing" }
  | { readonly code: "no_such_directory"; readonly directory: string }
  | { readonly code: "not_a_repository"; readonly directory: string; readonly words: string }
  /** Owned by somebody else, and not listed in `safe.directory`. */
  | { readonly code: "unsafe_repository"; readonly directory: string; readonly words: string }
  /** Git refuses the repository: a newer format, a broken config file. */
  | { readonly code: "unusable_repository"; readonly directory: string; readonly words: string }
  /** The remote's name or address cannot be used (exit 2). */
  | { readonly code: "bad_remote"; readonly remote: string; readonly why: BadRemote; readonly known: readonly string[] }
  /** Several remotes, none of them `origin`, and nobody said which (exit 2). */
  | { readonly code: "ambiguous_remote"; readonly known: readonly string[] }
  | { readonly code: "bad_branch"; readonly branch: string }
  /** The remote keeps SHA-256 objects; the ledger is SHA-1. */
  | { readonly code: "sha256_remote"; readonly remote: string }
  /** A git command about local state failed for a reason that no outcome describes. */
  | { readonly code: "git_failed"; readonly command: string; readonly exitCode: number | null; readonly words: string }
  /** The private repository has lost or damaged an object. */
  | { readonly code: "object_missing" | "object_corrupt"; readonly oid: string }
  /** A file stands where a folder is needed, in the commit that is to be built upon. */
  | { readonly code: "path_in_the_way"; readonly path: string };

export type BadRemote = "empty" | "looks_like_an_option" | "control_character" | "helper" | "unknown_name" | "no_url";

/** Thrown for a broken environment or an unusable request; `data` carries what the words need. */
export class GitFailure extends Error {
  override readonly name = "GitFailure";
  constructor(
    readonly data: GitFailureData,
    options?: ErrorOptions,
  ) {
    super(JSON.stringify(data), options);
  }
  get code(): GitFailureData["code"] {
    return this.data.code;
  }
}

/** What git or the system said when this clone could not keep something; null for an error of another kind. */
export function wordsOfNotKept(error: unknown): string | null {
  if (error instanceof GitFailure) return error.data.code === "git_failed" ? error.data.words : null;
  return error instanceof Error && errorCode(error) !== undefined ? error.message : null;
}
