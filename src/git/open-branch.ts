import type { Duration } from "../domain/instant.ts";
import type { Clock } from "../ledger/ports.ts";
import { Courtesy } from "./courtesy.ts";
import { type Repository, workingDirectory } from "./discover.ts";
import { type Endpoint, mayBeHttp } from "./endpoint.ts";
import { GitRemote } from "./git-remote.ts";
import { GitObjectStore } from "./object-store.ts";
import { type PrivateGit, privateGit } from "./private-git.ts";
import type { CoordFolder } from "./private-repository.ts";
import { FilePushLog } from "./push-log.ts";
import { remoteFolder } from "./remote-folder.ts";
import { RestStore } from "./rest-store.ts";
import type { Git } from "./run.ts";
import { ShallowHistory } from "./shallow-history.ts";
import { TraceFiles } from "./trace-file.ts";

export interface BranchPlace {
  readonly git: Git;
  readonly repository: Repository;
  readonly folder: CoordFolder;
  readonly endpoint: Endpoint;
  readonly branch: string;
  readonly clock: Clock;
  /** Milliseconds for one exchange with the remote. */
  readonly timeout?: Duration | undefined;
  /** How long a remote that wants to be left alone is waited for: milliseconds. */
  readonly restPatience?: Duration | undefined;
  /** Aborted when whoever started this process gives up: then nobody waits for a remote that rests. */
  readonly signal?: AbortSignal | undefined;
}

/** The ports over real git for one branch of one remote, which need one another. */
export interface OpenBranch {
  readonly own: PrivateGit;
  readonly history: ShallowHistory;
  readonly objects: GitObjectStore;
  readonly remote: GitRemote;
  readonly courtesy: Courtesy;
  readonly pushLog: FilePushLog;
  readonly traces: TraceFiles;
}

const TIMEOUT: Duration = 60_000;

export function openBranch(place: BranchPlace): OpenBranch {
  const { git, repository, folder, endpoint, branch, clock, timeout = TIMEOUT, restPatience, signal } = place;
  const own = privateGit(git, repository, folder, endpoint);
  const pushLog = new FilePushLog(place, clock);
  const rests = mayBeHttp(endpoint.url) ? new RestStore(place, clock) : null;
  const traces = new TraceFiles(folder);
  const courtesy = new Courtesy({ rests, pushes: pushLog, traces, clock, patience: restPatience, signal });
  const history = new ShallowHistory({ git: own, folder, branch, courtesy, patience: timeout });
  const objects = new GitObjectStore(folder.repository, history);
  const theirs = remoteFolder(endpoint, repository.config, workingDirectory(repository));
  const parts = { git: own, gitDir: folder.repository, endpoint, folder: theirs };
  const remote = new GitRemote({ ...parts, branch, objects, history, courtesy, traces, timeout });
  return { own, history, objects, remote, courtesy, pushLog, traces };
}
