import { fileURLToPath } from "node:url";
import type { Coordination } from "../app/coordination.ts";
import { GitFailure } from "../app/failure.ts";
import type { FailureReport } from "../cli/exit.ts";

/** Opens the coordination of the repository around a folder. @throws GitFailure */
export type Open = (folder: string) => Promise<Coordination>;

/** The root of the work tree around a folder. @throws GitFailure */
export type RootOf = (folder: string) => Promise<string>;

export type Place =
  | { readonly kind: "found"; readonly coordination: Coordination }
  /** The client is to be asked for its roots. */
  | { readonly kind: "ask" }
  | { readonly kind: "none"; readonly report: FailureReport };

/** What a client says of its roots: null when it was not asked, or cannot say. */
export interface Roots {
  readonly canBeAsked: boolean;
  readonly uris: readonly string[] | null;
}

/**
 * The repository that a server works on: that of the flag, or else the one among the client's roots. The folder that
 * the server happens to be started in plays no part: many clients start theirs in the user's home.
 * @throws GitFailure for a repository that is not usable
 */
export async function findPlace(open: Open, rootOf: RootOf, flag: string | null, roots: Roots): Promise<Place> {
  if (flag !== null) return { kind: "found", coordination: await open(flag) };
  if (roots.uris === null) return roots.canBeAsked ? { kind: "ask" } : none("this client tells no roots");
  const folders = roots.uris.flatMap(folderOf);
  const found = new Set<string>();
  for (const folder of folders) {
    const root = await rootIfRepository(rootOf, folder);
    // Several folders of one repository, as in a workspace of many packages, leave no doubt.
    if (root !== null) found.add(root);
  }
  const [root] = found;
  if (found.size > 1) return none(`${found.size} of the client's roots are repositories`);
  return root === undefined
    ? none("none of the client's roots is in a repository")
    : { kind: "found", coordination: await open(root) };
}

function folderOf(uri: string): readonly string[] {
  try {
    return [fileURLToPath(uri)];
  } catch {
    return [];
  }
}

async function rootIfRepository(rootOf: RootOf, folder: string): Promise<string | null> {
  try {
    return await rootOf(folder);
  } catch (error) {
    if (error instanceof GitFailure && ["not_a_repository", "no_such_directory"].includes(error.code)) return null;
    throw error;
  }
}

function none(why: string): Place {
  const message = `which repository? ${why}`;
  return { kind: "none", report: { code: "usage", message, hint: "Start the server with -C FOLDER." } };
}
