/**
 * What git calls when something is committed, pushed or received: its own composition root, which loads as little as
 * it can, because it stands between a person and every commit.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import {
  type ClientPlace,
  preCommit,
  prePush,
  preReceive,
  pullRequest,
  type Ruling,
  type ServerPlace,
} from "./app/hooks.ts";
import { readUpdates, rulingWords } from "./cli/hook-words.ts";
import { GitChainReader } from "./git/chain-reader.ts";
import { opIdHolder } from "./git/commands/op-id-holder.ts";
import { pushedChanges } from "./git/commands/pushed-changes.ts";
import { stagedPaths } from "./git/commands/staged-paths.ts";
import { discoverRepository, type Repository, workingDirectory } from "./git/discover.ts";
import { callersEnvironment } from "./git/environment.ts";
import { readRef } from "./git/local-ref.ts";
import { openBranch } from "./git/open-branch.ts";
import { coordFolder, embeddedExists, openPrivateRepository } from "./git/private-repository.ts";
import { chooseEndpoint } from "./git/remote-name.ts";
import { createGit, type Git } from "./git/run.ts";
import { LastSeen, noting } from "./git/seen.ts";
import { historyAsItIs } from "./git/shallow-history.ts";
import { systemClock } from "./git/system.ts";
import { BOARD_FILE, BOARD_LIMIT } from "./ledger/tip.ts";

/** How long a hook waits for the remote before it goes by what it knows: milliseconds. */
const PATIENCE = 3000;

export interface HookCall {
  readonly name: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly stdin: NodeJS.ReadableStream;
  readonly err: (words: string) => void;
}

/** Runs one hook. @returns the exit code for git: 0 lets it go on. */
export async function runHook(call: HookCall): Promise<number> {
  try {
    const ruling = await rulingOf(call);
    if (ruling === null) {
      call.err(`git-coord: there is no hook "${call.name}"\n`);
      return 2;
    }
    call.err(rulingWords(call.name, ruling, Date.now()));
    return ruling.pass ? 0 : 1;
  } catch (error) {
    // A server fails closed; on a client only what is known to be wrong is stopped.
    const isServer = call.name === "pre-receive" || call.name === "pull-request";
    const words = error instanceof Error ? error.message : String(error);
    call.err(
      `git-coord: the ${call.name} check could not be made${isServer ? ", so this is refused" : ""}: ${words}\n`,
    );
    return isServer ? 1 : 0;
  }
}

async function rulingOf({ name, args, cwd, env, stdin }: HookCall): Promise<Ruling | null> {
  switch (name) {
    case "pre-commit": {
      // Asked before anything is known: everybody waits for this hook, and git needs nothing of us for it.
      const git = createGit({ environment: env, keep: callersEnvironment(env) });
      const staged = git.run(stagedPaths(null), { cwd });
      staged.catch(() => {});
      return preCommit(await clientPlace(cwd, env, staged));
    }
    case "pre-push": {
      const updates = readUpdates("pre-push", await text(stdin));
      const [remote = "", url = remote] = args;
      return prePush(await clientPlace(cwd, env), { name: remote, url }, updates);
    }
    case "pre-receive":
      return preReceive(await serverPlace(cwd, env), readUpdates("pre-receive", await text(stdin)));
    case "pull-request": {
      const [base = "", head = "HEAD"] = args;
      return pullRequest(await reviewPlace(cwd, env), { base, head });
    }
    default:
      return null;
  }
}

interface Base {
  readonly repository: Repository;
  /** Runs git in the caller's repository, with its index and the objects of its push. */
  readonly git: Git;
  readonly cwd: string;
  readonly branch: string;
  readonly shared: Pick<ServerPlace, "now" | "openChain" | "branch" | "whenUnsure" | "pushedChanges">;
}

async function openBase(cwd: string, env: Readonly<NodeJS.ProcessEnv>): Promise<Base> {
  const git = createGit({ environment: env, keep: callersEnvironment(env) });
  const repository = await discoverRepository(git, cwd);
  const { config } = repository;
  const branch = (env.COORD_BRANCH || null) ?? config.get("coord.branch") ?? "coordination";
  const whenUnsure = config.get("coord.whenUnsure")?.toLowerCase();
  const shared = {
    now: () => Date.now(),
    openChain: () => {
      const history = historyAsItIs(repository.commonDir);
      return new GitChainReader({ git, gitDir: repository.gitDir, history, file: BOARD_FILE, limit: BOARD_LIMIT });
    },
    branch,
    whenUnsure: whenUnsure === "allow" || whenUnsure === "refuse" ? (whenUnsure as "allow" | "refuse") : null,
    pushedChanges: (tips: readonly string[], known: readonly string[]) => git.run(pushedChanges(tips, known), { cwd }),
  };
  return { repository, git, cwd, branch, shared };
}

async function clientPlace(
  cwd: string,
  env: Readonly<NodeJS.ProcessEnv>,
  staged: Promise<readonly string[]> | null = null,
): Promise<ClientPlace> {
  const { repository, git, branch, shared } = await openBase(cwd, env);
  const { config } = repository;
  const folder = coordFolder(repository);
  openPrivateRepository(folder);
  const endpoint = chooseEndpoint({
    flag: null,
    environment: env.COORD_REMOTE || null,
    config,
    embedded: folder.embedded,
    embeddedExists: embeddedExists(folder),
    directory: workingDirectory(repository),
  });
  const seen = new LastSeen({ folder, endpoint, branch });
  const own = createGit({ environment: env });
  const { objects, remote } = openBranch({
    ...{ git: own, repository, folder, endpoint, branch, clock: systemClock, timeout: PATIENCE },
    // Everybody waits for a hook: it goes by what it knows when the remote rests.
    restPatience: 0,
  });
  const isMerge = existsSync(join(repository.gitDir, "MERGE_HEAD"));
  return {
    ...shared,
    pushedChanges: (tips, known) => git.run(pushedChanges(tips, known, { tolerant: true }), { cwd }),
    identity: (env.COORD_ID || null) ?? config.get("coord.id"),
    fences: env.COORD_FENCE || null,
    stagedPaths: async () => {
      const paths = await (staged ?? git.run(stagedPaths(null), { cwd }));
      if (!isMerge) return paths;
      // What the other side brings was checked when it was committed: only what differs from both is new.
      const other = new Set(await git.run(stagedPaths("MERGE_HEAD"), { cwd }));
      return paths.filter((path) => other.has(path));
    },
    knownTip: () => remote.knownTip(),
    boardText: async (commit) => {
      const file = await objects.readFile(commit, BOARD_FILE, BOARD_LIMIT);
      return file.kind === "text" ? file.text : null;
    },
    age: () => seen.age(Date.now()),
    refresh: () => noting(remote, seen).fetch(AbortSignal.timeout(PATIENCE)),
    remotesAt: (name, url) =>
      config.remotes().filter(
        (each) =>
          each === name ||
          config
            .all(`remote.${each}.url`)
            .concat(config.all(`remote.${each}.pushurl`))
            .includes(url),
      ),
    isBoardRemote: (name, url) => endpoint.name === name || endpoint.url === url || endpoint.pushUrl === url,
  };
}

async function serverPlace(cwd: string, env: Readonly<NodeJS.ProcessEnv>): Promise<ServerPlace> {
  const { repository, git, branch, shared } = await openBase(cwd, env);
  return {
    ...shared,
    tip: async () => readRef(repository.commonDir, `refs/heads/${branch}`),
    opIdSeen: (tip, opId) => (tip === null ? Promise.resolve(null) : git.run(opIdHolder(tip, opId), { cwd })),
  };
}

/** A clone in which a pull request is checked: the board is the remote's branch, fetched before. */
async function reviewPlace(cwd: string, env: Readonly<NodeJS.ProcessEnv>): Promise<ServerPlace> {
  const { repository, branch, shared } = await openBase(cwd, env);
  const ref = `refs/remotes/origin/${branch}`;
  return { ...shared, tip: async () => readRef(repository.commonDir, ref), opIdSeen: async () => null };
}
