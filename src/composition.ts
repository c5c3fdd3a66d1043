/**
 * The composition root: the one place where the real clock, randomness, file system and git are made and
 * put behind the ports. `main.ts` (the program) and `index.ts` (the library) both begin here.
 */
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import type { Coordination, Setup } from "./app/coordination.ts";
import { isBranchName } from "./git/branch-name.ts";
import { rememberIdentity } from "./git/clone-setup.ts";
import { discoverRepository, type Repository, workingDirectory } from "./git/discover.ts";
import { GitFailure } from "./git/errors.ts";
import { GitRemote } from "./git/git-remote.ts";
import { FileHoldingStore } from "./git/holding-store.ts";
import { inspectClone } from "./git/inspect.ts";
import { GitObjectStore } from "./git/object-store.ts";
import { FileObservedStore } from "./git/observed-store.ts";
import { FilePendingStore } from "./git/pending-store.ts";
import { type PrivateGit, privateGit } from "./git/private-git.ts";
import {
  type CoordFolder,
  coordFolder,
  createEmbedded,
  embeddedExists,
  openPrivateRepository,
} from "./git/private-repository.ts";
import { FilePulseStore } from "./git/pulse-store.ts";
import { chooseEndpoint } from "./git/remote-name.ts";
import { restoreBranch } from "./git/restore.ts";
import { createGit, type Git } from "./git/run.ts";
import { FileSessionStore } from "./git/session-store.ts";
import { systemClock, systemRandom } from "./git/system.ts";
import { strictObjection } from "./history/strict.ts";
import { openLedger } from "./ledger/ledger.ts";
import type { Clock, Person, Random, Remote } from "./ledger/ports.ts";

export interface OpenOptions {
  /** A folder inside the repository; default: the current one. */
  readonly cwd?: string;
  /** A remote's name, URL or path; default: `COORD_REMOTE`, `coord.remote`, `origin`, the only one, the embedded one. */
  readonly remote?: string | null;
  /** Default: `COORD_BRANCH`, `coord.branch`, `coordination`. */
  readonly branch?: string | null;
  /** The orchestrator's id; default: `COORD_ID`, `coord.id`. */
  readonly as?: string | null;
  /** Default: the environment of this process. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  /** Aborted when whoever asked gives up: what is under way is settled before anything is thrown. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Told of each git process that is started: for counting. */
  readonly onSpawn?: (args: readonly string[]) => void;
}

/**
 * Opens the coordination branch of a repository. Asks no remote yet.
 * @throws GitFailure when there is no usable repository, git or remote.
 */
export async function openCoordination(options: OpenOptions = {}): Promise<Coordination> {
  const env = options.env ?? process.env;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const git = createGit({ environment: env, onSpawn: options.onSpawn });
  const repository = await discoverRepository(git, options.cwd ?? process.cwd());
  const { config } = repository;
  const folder = coordFolder(repository);
  const branch = options.branch ?? (env.COORD_BRANCH || null) ?? config.get("coord.branch") ?? "coordination";
  if (!isBranchName(branch)) throw new GitFailure({ code: "bad_branch", branch });
  const endpoint = chooseEndpoint({
    flag: options.remote ?? null,
    environment: env.COORD_REMOTE || null,
    config,
    embedded: folder.embedded,
    embeddedExists: await embeddedExists(folder),
    directory: workingDirectory(repository),
  });
  await openPrivateRepository(folder);

  const place = { folder, endpoint, branch };
  const real = new GitRemote({ git, repository, folder, endpoint, branch });
  const remote = endpoint.kind === "embedded" ? onlyIfThere(real, folder) : real;
  const own = privateGit(git, repository, folder, endpoint);
  const objects = new GitObjectStore(folder.repository);
  const person = gitUser(repository);
  const ledger = openLedger({
    remote,
    objects,
    clock,
    random,
    committer: person,
    pending: new FilePendingStore(place, clock),
    observedStore: new FileObservedStore(place),
    acceptTip: (tip) => strictObjection(objects, tip),
  });
  return {
    ledger,
    sessions: new FileSessionStore(place),
    holdings: new FileHoldingStore(place),
    pulses: new FilePulseStore(place),
    identity: options.as ?? (env.COORD_ID || null) ?? config.get("coord.id"),
    host: hostname(),
    person,
    remoteName: endpoint.name,
    branch,
    signal: options.signal,
    setup: makeSetup(git, own, { repository, remote, ...place }),
  };
}

/** Before `init` has made it, the embedded remote answers like one without the branch. */
function onlyIfThere(remote: Remote, folder: CoordFolder): Remote {
  return {
    knownTip: () => remote.knownTip(),
    fetch: async (signal) => ((await embeddedExists(folder)) ? remote.fetch(signal) : { kind: "absent" }),
    push: (base, commit, signal) => remote.push(base, commit, signal),
    advance: (base, commit) => remote.advance(base, commit),
  };
}

type Surroundings = Omit<Parameters<typeof inspectClone>[0], "git">;

function makeSetup(git: Git, own: PrivateGit, surroundings: Surroundings): Setup {
  const { repository, folder, endpoint, remote } = surroundings;
  return {
    prepareRemote: async () => {
      if (endpoint.kind === "embedded") await createEmbedded(folder);
    },
    rememberIdentity: (id) => rememberIdentity(git, repository, id),
    template: () => readFile(new URL("../templates/master_coordination.md", import.meta.url), "utf8"),
    inspect: () => inspectClone({ git: own, ...surroundings }),
    restoreBranch: () => restoreBranch(own, remote),
  };
}

/** The git user of this machine, who commits; without one, a name that says where it was. */
function gitUser({ config }: Repository): Person {
  const name = config.get("user.name") ?? "git-coord";
  return { name, email: config.get("user.email") ?? `git-coord@${hostname()}` };
}
