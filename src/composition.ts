/**
 * The composition root: the one place where the real clock, randomness, file system and git are made and
 * put behind the ports. `main.ts` (the program) and `index.ts` (the library) both begin here.
 */
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import type { Code, Coordination, Hooks, Setup } from "./app/coordination.ts";
import { boardFolder } from "./git/board-files.ts";
import { isBranchName } from "./git/branch-name.ts";
import { GitChainReader } from "./git/chain-reader.ts";
import { rememberIdentity } from "./git/clone-setup.ts";
import { CodePush } from "./git/code-push.ts";
import { discoverRepository, type Repository, workingDirectory } from "./git/discover.ts";
import { GitFailure } from "./git/errors.ts";
import { FileHoldingStore } from "./git/holding-store.ts";
import { HooksFolder } from "./git/hooks-folder.ts";
import { inspectClone } from "./git/inspect.ts";
import { FileKeptValue } from "./git/kept-value.ts";
import { FolderLock } from "./git/machine-lock.ts";
import { tidying } from "./git/maintenance.ts";
import { openBranch } from "./git/open-branch.ts";
import { FilePendingStore } from "./git/pending-store.ts";
import type { PrivateGit } from "./git/private-git.ts";
import {
  type CoordFolder,
  coordFolder,
  createEmbedded,
  embeddedExists,
  openPrivateRepository,
} from "./git/private-repository.ts";
import { FilePulseStore } from "./git/pulse-store.ts";
import { chooseEndpoint } from "./git/remote-name.ts";
import { FolderQueue } from "./git/request-queue.ts";
import { restoreBranch } from "./git/restore.ts";
import { createGit, type Git } from "./git/run.ts";
import { LastSeen, noting } from "./git/seen.ts";
import { FileSessionStore } from "./git/session-store.ts";
import type { History } from "./git/shallow-history.ts";
import { systemClock, systemRandom } from "./git/system.ts";
import { FileVerifiedStore } from "./git/verified-store.ts";
import { strictObjection } from "./history/strict.ts";
import { openLedger } from "./ledger/ledger.ts";
import type { Clock, Person, Random, Remote } from "./ledger/ports.ts";
import { BOARD_FILE, BOARD_LIMIT } from "./ledger/tip.ts";

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
    embeddedExists: embeddedExists(folder),
    directory: workingDirectory(repository),
  });
  const trouble = troubleWith(() => openPrivateRepository(folder));

  const place = { folder, endpoint, branch };
  const {
    own,
    history,
    objects,
    courtesy,
    pushLog,
    traces,
    remote: bare,
  } = openBranch({
    ...{ git, repository, ...place, clock },
    signal: options.signal,
  });
  const tidied = tidying(noting(bare, new LastSeen(place)), folder, git.environment);
  const real = trouble === null ? tidied : withoutRepository(trouble);
  const remote = endpoint.kind === "embedded" ? onlyIfThere(real, folder) : real;
  const person = gitUser(repository);
  const sessions = new FileSessionStore(place);
  const ledger = openLedger({
    remote,
    objects,
    clock,
    random,
    committer: person,
    pending: new FilePendingStore(place, clock, (kept, hasCrashed) => objects.secure(kept, hasCrashed)),
    observedStore: new FileKeptValue(place, "observed"),
    turnStore: new FileKeptValue(place, "turns"),
    sessions,
    lock: new FolderLock(boardFolder(place, "queue"), clock),
    queue: new FolderQueue(place, clock),
    acceptTip: (tip) => strictObjection(objects, tip),
  });
  return {
    ledger,
    sessions,
    holdings: new FileHoldingStore(place),
    openChain: () =>
      new GitChainReader({ git, gitDir: folder.repository, history, file: BOARD_FILE, limit: BOARD_LIMIT }),
    verified: new FileVerifiedStore(place),
    pulses: new FilePulseStore(place),
    pushLog,
    identity: options.as ?? (env.COORD_ID || null) ?? config.get("coord.id"),
    host: hostname(),
    person,
    remoteName: endpoint.name,
    branch,
    signal: options.signal,
    setup: makeSetup(git, own, history, { repository, remote, clock, ...place }),
    code: makeCode(
      new CodePush({
        ...{ git, own, repository, endpoint, branch, objects, remote, courtesy, traces },
        pushedRef: bare.pushedRef,
      }),
      env,
    ),
    hooks: makeHooks(new HooksFolder(git, repository)),
  };
}

function makeCode(push: CodePush, env: Readonly<NodeJS.ProcessEnv>): Code {
  return {
    isBoardRemote: (name) => push.isBoardRemote(name),
    resolve: (refspecs) => push.resolve(refspecs),
    askHook: (remote, refs, id) => push.askHook(remote, refs, { ...env, COORD_ID: id }),
    carrying: (refs) => push.carrying(refs),
    noteTracking: (remote, refs) => push.noteTracking(remote, refs),
  };
}

/** The shims start the program that installed them. */
function makeHooks(folder: HooksFolder): Hooks {
  const program = () => fileURLToPath(new URL("./git-coord.cjs", import.meta.url));
  return {
    isBare: folder.isBare,
    install: (server) => folder.install(server, { node: process.execPath, program: program() }),
    uninstall: () => folder.uninstall(),
    status: () => folder.status(),
    workflow: () => readFile(new URL("../templates/github-workflow.yml", import.meta.url), "utf8"),
  };
}

/** What the disk says when it does not take the private repository: only `doctor` goes on without it, and says why. */
function troubleWith(act: () => void): Error | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof Error && "code" in error) return error;
    throw error;
  }
}

function withoutRepository(trouble: Error): Remote {
  const fail = () => Promise.reject(trouble);
  return { knownTip: fail, restsUntil: async () => null, fetch: fail, push: fail };
}

/** Before `init` has made it, the embedded remote answers like one without the branch. */
function onlyIfThere(remote: Remote, folder: CoordFolder): Remote {
  return {
    knownTip: () => remote.knownTip(),
    restsUntil: () => remote.restsUntil(),
    fetch: async (signal) => (embeddedExists(folder) ? remote.fetch(signal) : { kind: "absent" }),
    push: (base, commit, signal) => remote.push(base, commit, signal),
  };
}

type Surroundings = Omit<Parameters<typeof inspectClone>[0], "git">;

function makeSetup(git: Git, own: PrivateGit, history: History, surroundings: Surroundings): Setup {
  const { repository, folder, endpoint, remote } = surroundings;
  return {
    prepareRemote: async () => {
      if (endpoint.kind === "embedded") createEmbedded(folder);
    },
    rememberIdentity: (id) => rememberIdentity(git, repository, id),
    template: () => readFile(new URL("../templates/master_coordination.md", import.meta.url), "utf8"),
    inspect: () => inspectClone({ git: own, ...surroundings }),
    restoreBranch: () => restoreBranch(own, remote, history),
  };
}

/** The git user of this machine, who commits; without one, a name that says where it was. */
function gitUser({ config }: Repository): Person {
  const name = config.get("user.name") ?? "git-coord";
  return { name, email: config.get("user.email") ?? `git-coord@${hostname()}` };
}
