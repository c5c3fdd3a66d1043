import type { Repository } from "./discover.ts";
import { workingDirectory } from "./discover.ts";
import type { Endpoint } from "./endpoint.ts";
import type { CoordFolder } from "./private-repository.ts";
import type { Git, GitCommand, GitResult, RunOptions } from "./run.ts";
import { type Sharing, SshConnection, type Variables } from "./ssh-connection.ts";
import { carriedSettings, settingsEnvironment } from "./user-settings.ts";

/** The name of our remote: it exists only on the command line. */
export const REMOTE = "git-coord";

/**
 * What the user's settings must not change about our calls. Lists that git adds up are not here, since they
 * cannot be taken back: those in the repository do not reach us at all (user-settings.ts).
 */
const NEUTRAL = [
  // Hooks of the user's repository, or of all their repositories, are not about the ledger (FAILURES 27).
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  // The refs here are a cache of the remote's: a crash of the machine may take them.
  "core.fsync=none",
  // Milliseconds to wait for another process of this clone that is moving the same ref.
  "core.filesRefLockTimeout=2000",
  "fetch.prune=false",
  "fetch.pruneTags=false",
  "fetch.recurseSubmodules=false",
  "fetch.writeCommitGraph=false",
  "gc.auto=0",
  "maintenance.auto=false",
  // What is packed here is small: threads would cost more than they give.
  "pack.threads=1",
  "push.followTags=false",
  "push.gpgSign=false",
  "push.negotiate=false",
  "push.pushOption=",
  "push.recurseSubmodules=no",
  "push.useForceIfIncludes=false",
  "submodule.recurse=false",
  // A small fetch becomes loose objects, a large one a pack: what git does by default.
  "fetch.unpackLimit=100",
];

/** Git's commands that talk to the remote. */
const EXCHANGES: ReadonlySet<string> = new Set(["fetch", "ls-remote", "push"]);

/** Runs git in the private repository, with the user's credentials and nothing else of theirs. */
export interface PrivateGit {
  run<T>(command: GitCommand<T>, options?: Omit<RunOptions, "cwd">): Promise<T>;
  /** Whether exchanges with the remote share an ssh connection. */
  sharing(): Promise<Sharing>;
}

export function privateGit(git: Git, repository: Repository, folder: CoordFolder, endpoint: Endpoint): PrivateGit {
  const { config, commonDir } = repository;
  const settings = [...NEUTRAL, ...remoteSettings(endpoint)].flatMap((setting) => ["-c", setting]);
  const carried = settingsEnvironment(carriedSettings(config.entries), git.environment);
  const ssh = new SshConnection({ endpoint, config, commonDir, environment: git.environment });
  const start = <T>(command: GitCommand<T>, options: Omit<RunOptions, "cwd">, variables: Variables) =>
    git.run(
      { ...command, args: [`--git-dir=${folder.repository}`, ...settings, ...command.args] },
      { ...options, cwd: workingDirectory(repository), env: { ...carried, ...variables, ...options.env } },
    );
  return {
    sharing: () => ssh.sharing(),
    async run(command, options = {}) {
      if (!command.args.some((arg) => EXCHANGES.has(arg))) return start(command, options, ssh.alone);
      const parse = (result: GitResult) => ({ result, parsed: command.parse(result) });
      const { result, parsed } = await start({ ...command, parse }, options, await ssh.shared());
      await ssh.answered(isAnswer(result));
      return parsed;
    },
  };
}

/** Whether the remote said something: 128 is how git ends when it could not go on. */
function isAnswer({ ended, exitCode }: GitResult): boolean {
  return ended === "itself" && exitCode !== null && exitCode !== 128;
}

function remoteSettings({ url, pushUrl, settings }: Endpoint): string[] {
  const all: (readonly [string, string])[] = [["url", url], ...settings];
  // Only so does git leave `pushInsteadOf` alone, as it does for the user's own push address.
  if (pushUrl !== null) all.push(["pushurl", pushUrl]);
  return all.map(([variable, value]) => `remote.${REMOTE}.${variable}=${value}`);
}
