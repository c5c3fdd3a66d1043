import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { discoverRepository, type Repository, workingDirectory } from "../../src/git/discover.ts";
import type { Endpoint } from "../../src/git/endpoint.ts";
import type { GitRemote } from "../../src/git/git-remote.ts";
import type { GitObjectStore } from "../../src/git/object-store.ts";
import { openBranch } from "../../src/git/open-branch.ts";
import {
  type CoordFolder,
  coordFolder,
  embeddedExists,
  openPrivateRepository,
} from "../../src/git/private-repository.ts";
import { chooseEndpoint } from "../../src/git/remote-name.ts";
import { createGit, type Git } from "../../src/git/run.ts";
import type { ShallowHistory } from "../../src/git/shallow-history.ts";
import { systemClock } from "../../src/git/system.ts";
import type { Clock } from "../../src/ledger/ports.ts";
import { preparedFolder } from "./prepared-folder.ts";
import type { RemoteServer } from "./remote-server.ts";
import type { Sandbox } from "./sandbox.ts";

/** A user's repository whose `origin` is the server. */
export interface Clone {
  readonly path: string;
  /** For git and for the program under test, when they work in this clone. */
  readonly env: Readonly<Record<string, string>>;
  git(...args: readonly string[]): Promise<string>;
}

let count = 0;

/** Makes a repository with one commit, and the server as its `origin` (none: no remote at all). */
export async function makeClone(
  sandbox: Sandbox,
  server: RemoteServer | null,
  ...initOptions: string[]
): Promise<Clone> {
  const path = join(sandbox.path, `clone-${++count}`);
  const git = (...args: readonly string[]) => sandbox.git(path, ...args);
  const make = async () => {
    await mkdir(path);
    await git("init", "--quiet", "--template=", ...initOptions);
    if (!initOptions.includes("--bare")) await git("commit", "--quiet", "--allow-empty", "-m", "first");
  };
  // Options may put something elsewhere.
  if (initOptions.length === 0) await preparedFolder("clone", path, make);
  else await make();
  if (server) await git("remote", "add", "origin", server.url);
  return { path, env: { ...sandbox.env, ...server?.env }, git };
}

/** The ports over real git, as the program makes them for one clone and one branch. */
export interface OpenClone {
  readonly git: Git;
  readonly repository: Repository;
  readonly folder: CoordFolder;
  readonly endpoint: Endpoint;
  readonly branch: string;
  readonly remote: GitRemote;
  readonly objects: GitObjectStore;
  readonly history: ShallowHistory;
  /** Arguments of each git process that was started, in order. */
  readonly spawned: (readonly string[])[];
}

export interface OpenOptions {
  readonly branch?: string;
  /** Milliseconds for one exchange with the remote. */
  readonly timeout?: number;
  /** For waiting, and for the times that are noted; the machine's own when not given. */
  readonly clock?: Clock;
  /** How long a remote that rests is waited for: milliseconds. */
  readonly patience?: number;
  /** Where the program is started; the clone's own folder when not given. */
  readonly cwd?: string;
  /** `--remote`. */
  readonly remote?: string;
}

export async function openClone(clone: Pick<Clone, "path" | "env">, options: OpenOptions = {}): Promise<OpenClone> {
  const spawned: (readonly string[])[] = [];
  const git = createGit({ environment: clone.env, onSpawn: (args) => spawned.push(args) });
  const repository = await discoverRepository(git, options.cwd ?? clone.path);
  const folder = coordFolder(repository);
  openPrivateRepository(folder);
  const endpoint = chooseEndpoint({
    flag: options.remote ?? null,
    environment: null,
    config: repository.config,
    embedded: folder.embedded,
    embeddedExists: embeddedExists(folder),
    directory: workingDirectory(repository),
  });
  const { branch = "coordination", timeout, clock = systemClock, patience } = options;
  const place = { git, repository, folder, endpoint, branch };
  const { remote, objects, history } = openBranch({ ...place, clock, timeout, restPatience: patience });
  return { ...place, remote, objects, history, spawned };
}
