import type { Oid } from "../ledger/ports.ts";
import type { Config } from "./config.ts";
import { type Endpoint, isLocalPath } from "./endpoint.ts";

/**
 * For each push into a folder git starts two processes there that it hardly ever needs: `gc --auto`, to see whether it is
 * time to tidy up, and one that lists the refs of repositories whose objects are borrowed, which the folder's own objects
 * count as while a push is checked. Together they are a fifth of a push.
 */
const LEAN = "git -c receive.autogc=false -c core.alternateRefsCommand=: receive-pack";

/**
 * The program that receives a push, for `git push --receive-pack`; null for git's own choice. Every sixteenth commit
 * comes with all that git does, so that a repository that nothing else is pushed to is still tidied up.
 */
export const receiverOf = (isFolder: boolean, commit: Oid): string | null =>
  isFolder && !commit.endsWith("0") ? LEAN : null;

/**
 * Whether pushes go into a folder that this machine sees, whatever the user has said of how addresses are to be
 * rewritten (`url.*.insteadOf`), and git is left to choose who receives them.
 */
export function isFolder({ url, settings }: Endpoint, { entries }: Config): boolean {
  if (!isLocalPath(url) && !/^file:\/\//i.test(url)) return false;
  if (settings.some(([variable]) => variable === "receivepack")) return false;
  return !entries.some(({ key, value }) => /^url\..*\.(push)?insteadof$/s.test(key) && url.startsWith(value));
}
