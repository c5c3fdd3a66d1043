import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { formatInstant } from "../domain/instant.ts";
import type { Clock, FetchOutcome, Oid, Remote } from "../ledger/ports.ts";
import { boardFolder } from "./board-files.ts";
import { pushRights } from "./commands/push-rights.ts";
import { version } from "./commands/version.ts";
import { type Repository, workingDirectory } from "./discover.ts";
import { inspectDisk } from "./disk-finding.ts";
import { type Endpoint, folderOf } from "./endpoint.ts";
import { wordsOfNotKept } from "./errors.ts";
import { type Finding, finding } from "./finding.ts";
import { inspectMachineLock } from "./lock-finding.ts";
import { FolderLock } from "./machine-lock.ts";
import { type PrivateGit, REMOTE } from "./private-git.ts";
import type { CoordFolder } from "./private-repository.ts";
import { inspectRemoteClock } from "./remote-clock.ts";
import { inspectSsh } from "./ssh-finding.ts";

export interface Inspected {
  readonly git: PrivateGit;
  readonly remote: Remote;
  readonly repository: Repository;
  readonly folder: CoordFolder;
  readonly endpoint: Endpoint;
  readonly branch: string;
  readonly clock: Pick<Clock, "wall">;
}

/** The oldest git whose `--porcelain`, `--force-with-lease` and `--path-format` are as the protocol needs them. */
const OLDEST = [2, 31] as const;

export async function inspectClone(inspected: Inspected): Promise<readonly Finding[]> {
  const { folder, clock } = inspected;
  const fetched = await tryFetch(inspected);
  const lock = new FolderLock(boardFolder(inspected, "queue"), clock);
  return [
    await inspectGit(inspected.git),
    inspectDisk(folder),
    inspectMachineLock(lock, clock.wall()),
    await inspectRemote(inspected, fetched),
    ...(fetched.kind === "tip" ? [await inspectRights(inspected, fetched.tip)] : []),
    ...(await inspectLocks(inspected)),
    ...[inspectSsh(await inspected.git.sharing())].filter((each) => each !== null),
    ...(await inspectClockUnlessResting(inspected)),
  ];
}

/** `not_kept`: the remote may have answered; git or the disk did not take it. */
type Tried = FetchOutcome | { readonly kind: "not_kept"; readonly words: string };

async function tryFetch({ remote }: Inspected): Promise<Tried> {
  try {
    return await remote.fetch();
  } catch (error) {
    const words = wordsOfNotKept(error);
    if (words === null) throw error;
    return { kind: "not_kept", words };
  }
}

/** A remote that wants to be left alone is left alone. */
async function inspectClockUnlessResting({ remote, endpoint }: Inspected): Promise<Finding[]> {
  if ((await remote.restsUntil()) !== null) return [];
  return [await inspectRemoteClock(endpoint)].filter((each) => each !== null);
}

async function inspectGit(git: PrivateGit): Promise<Finding> {
  const numbers = await git.run(version());
  if (!numbers) return finding("git", "warn", "git does not tell its version");
  const [major, minor] = numbers;
  const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  const text = `version ${numbers.join(".")}`;
  return old ? finding("git", "fail", text, `Install git ${OLDEST.join(".")} or later.`) : finding("git", "ok", text);
}

async function inspectRemote({ remote, endpoint, branch }: Inspected, fetched: Tried): Promise<Finding> {
  const name = `${endpoint.name}, branch ${branch}`;
  if (fetched.kind === "not_kept") {
    const message = `what ${name} answers could not be kept in this clone:\n${fetched.words}`;
    return finding("remote", "fail", message, "See the disk and the lock files.");
  }
  if (fetched.kind !== "unreachable") return finding("remote", "ok", `${name} answers`);
  const until = await remote.restsUntil();
  if (until !== null) {
    const message = `${name} has had too many requests and asks to be left alone until ${formatInstant(until)}`;
    return finding("remote", "fail", message, "Run it again then; until then nothing is asked of it.");
  }
  const hint = "Check the address, the network and your credentials: the same as for `git fetch`.";
  return finding("remote", "fail", `${name} does not answer:\n${fetched.words}`, hint);
}

async function inspectRights({ git, branch }: Inspected, tip: Oid): Promise<Finding> {
  const refusal = await git.run(pushRights(REMOTE, branch, tip));
  if (refusal === null) return finding("rights", "ok", "the remote accepts pushes from here");
  const hint = "Ask the owner of the remote for the right to push to this branch.";
  return finding("rights", "fail", `the remote would not accept a push:\n${refusal}`, hint);
}

/** A lock file of git older than this was left behind by something that died: one minute, in milliseconds. */
const LEFT_BEHIND = 60_000;

async function inspectLocks({ repository, endpoint, folder, branch }: Inspected): Promise<Finding[]> {
  // A remote on this machine: its own `.lock` files look like lost races for ever (FAILURES 4).
  const theirs = folderOf(endpoint.url, workingDirectory(repository));
  const places = [folder.repository, ...(theirs === null ? [] : [theirs, join(theirs, ".git")])];
  const found = (await Promise.all(places.map((place) => oldLocks(place, branch)))).flat();
  if (found.length === 0) return [finding("locks", "ok", "no left-over lock file of git")];
  const hint = "Make sure that no git process is running there, then remove just that file.";
  return found.map((path) => finding("locks", "fail", `left-over lock file ${path}`, hint));
}

async function oldLocks(repository: string, branch: string): Promise<string[]> {
  const fixed = ["packed-refs.lock", "HEAD.lock", "config.lock", "shallow.lock", `refs/heads/${branch}.lock`];
  const nested = await readdir(join(repository, "refs"), { recursive: true }).catch(() => []);
  const names = new Set([...fixed, ...nested.filter((name) => name.endsWith(".lock")).map((name) => `refs/${name}`)]);
  const paths = [...names].map((name) => join(repository, name));
  const ages = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      ),
    ),
  );
  return paths.filter((_path, index) => (ages[index] ?? 0) > LEFT_BEHIND);
}
