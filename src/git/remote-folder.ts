/**
 * What a remote that is a folder of this machine saves: processes at the other end that are not needed there.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Oid } from "../ledger/ports.ts";
import type { Config } from "./config.ts";
import { type Endpoint, folderOf } from "./endpoint.ts";
import { readLooseRef } from "./local-ref.ts";

/**
 * The folder that git will talk to, absolute. Null for any other remote, and where the user has said how its address is to be
 * rewritten (`url.*.insteadOf`), or which programs answer there: then git alone knows.
 * @param directory what a relative path is relative to
 */
export function remoteFolder({ url, settings }: Endpoint, { entries }: Config, directory: string): string | null {
  const isRewritten = entries.some(({ key, value }) => REWRITES.test(key) && url.startsWith(value));
  if (isRewritten || settings.some(([variable]) => PROGRAMS.includes(variable))) return null;
  return folderOf(url, directory);
}

/** Names of the settings that rewrite addresses. */
export const REWRITES = /^url\..*\.((?:push)?insteadof)$/s;
const PROGRAMS: readonly string[] = ["receivepack", "uploadpack"];

/**
 * Where the branch stands there, by the file that git replaces whenever it moves; null where that is not the answer (it was
 * packed, is kept otherwise, or cannot be read: git has the words for that). Reading it takes no process, where a fetch
 * of what is known already takes two.
 */
export function tipIn(folder: string, branch: string): Oid | null {
  for (const gitDir of [join(folder, ".git"), folder]) {
    try {
      const ref = `refs/heads/${branch}`;
      const file = statSync(join(gitDir, ref), { throwIfNoEntry: false });
      if (file?.isFile()) return readLooseRef(gitDir, ref);
    } catch {
      return null;
    }
  }
  return null;
}

/**
 * For each push into a folder git starts two processes there that it hardly ever needs: `gc --auto`, to see whether it is
 * time to tidy up, and one that lists the refs of repositories whose objects are borrowed, which the folder's own objects
 * count as while a push is checked. Together they are a fifth of a push. Every sixteenth commit comes with all that git
 * does, so that a repository that nothing else is pushed to is still tidied up.
 * @returns the program for `git push --receive-pack`; null for git's own choice
 */
export const receiverOf = (commit: Oid): string | null =>
  commit.endsWith("0") ? null : "git -c receive.autogc=false -c core.alternateRefsCommand=true receive-pack";
