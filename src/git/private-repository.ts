import { join } from "node:path";
import { ensureBareRepository, isThere } from "./bare-repository.ts";
import type { Repository } from "./discover.ts";

/** Where git-coord keeps what belongs to one clone, shared by all its worktrees (DESIGN 7). */
export interface CoordFolder {
  readonly path: string;
  /** The private repository: only the ledger's objects, and for each board the tip seen last. */
  readonly repository: string;
  /** The bare repository that serves as the remote when there is no other. */
  readonly embedded: string;
}

export function coordFolder({ commonDir }: Pick<Repository, "commonDir">): CoordFolder {
  const path = join(commonDir, "coord");
  return { path, repository: join(path, "repo.git"), embedded: join(path, "embedded.git") };
}

/** Opens the private repository, making it when it is not there. Takes no git process. */
export function openPrivateRepository(folder: CoordFolder): void {
  // Objects of pushes in doubt are on no ref: git must not collect them by itself (maintenance.ts does).
  ensureBareRepository(
    folder.repository,
    "[core]\n\tlogAllRefUpdates = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n",
  );
}

/** Makes the embedded remote: for `init` only, for its being there makes it the default. */
export function createEmbedded(folder: CoordFolder): void {
  ensureBareRepository(folder.embedded, "[receive]\n\tdenyNonFastForwards = true\n\tdenyDeletes = true\n");
}

export function embeddedExists(folder: CoordFolder): boolean {
  return isThere(folder.embedded);
}
