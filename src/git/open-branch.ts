import type { Duration } from "../domain/instant.ts";
import type { Repository } from "./discover.ts";
import type { Endpoint } from "./endpoint.ts";
import { GitRemote } from "./git-remote.ts";
import { GitObjectStore } from "./object-store.ts";
import { type PrivateGit, privateGit } from "./private-git.ts";
import type { CoordFolder } from "./private-repository.ts";
import type { Git } from "./run.ts";
import { ShallowHistory } from "./shallow-history.ts";

export interface BranchPlace {
  readonly git: Git;
  readonly repository: Repository;
  readonly folder: CoordFolder;
  readonly endpoint: Endpoint;
  readonly branch: string;
  /** Milliseconds for one exchange with the remote. */
  readonly timeout?: Duration;
}

/** The ports over real git for one branch of one remote, which need one another. */
export interface OpenBranch {
  readonly own: PrivateGit;
  readonly history: ShallowHistory;
  readonly objects: GitObjectStore;
  readonly remote: GitRemote;
}

const TIMEOUT: Duration = 60_000;

export function openBranch({ timeout = TIMEOUT, ...place }: BranchPlace): OpenBranch {
  const { git, repository, folder, endpoint, branch } = place;
  const own = privateGit(git, repository, folder, endpoint);
  const history = new ShallowHistory({ git: own, folder, branch, patience: timeout });
  const objects = new GitObjectStore(folder.repository, history);
  const remote = new GitRemote({ git: own, gitDir: folder.repository, endpoint, branch, objects, history, timeout });
  return { own, history, objects, remote };
}
