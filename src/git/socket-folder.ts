import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { linkSync, lstatSync, mkdirSync, type Stats, statSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { errorCode, removeFile } from "./atomic-file.ts";
import { foldersForSockets } from "./ssh-sharing.ts";

/** A folder that nobody else can look into or put anything in the place of. Null when there can be none. */
export function privateSocketFolder(environment: Readonly<Record<string, string>>): string | null {
  const uid = process.getuid?.();
  if (uid === undefined) return null;
  return foldersForSockets(environment, uid, process.platform).find((path) => ensurePrivate(path, uid)) ?? null;
}

/** Makes the folder if it is missing. @returns whether it is ours alone and will stay where it is */
export function ensurePrivate(path: string, uid: number): boolean {
  try {
    if (!isKept(statSync(dirname(path)), uid)) return false;
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    // Not followed: a link that somebody else has put there.
    const found = lstatSync(path);
    return found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/** Whether only we, or root, can rename what is ours in a folder. */
function isKept({ uid: owner, mode }: Stats, uid: number): boolean {
  const isSticky = (mode & 0o1000) !== 0;
  return (owner === uid || owner === 0) && (isSticky || (mode & 0o022) === 0);
}

/**
 * Whether ssh can make its socket in the folder: it binds one and names it by a hard link. It would give up the whole
 * connection where a file system cannot do that.
 */
export async function takesSockets(folder: string): Promise<boolean> {
  const path = `${folder}/try-${randomBytes(6).toString("hex")}`;
  const linked = `${path}-linked`;
  const server = createServer();
  try {
    server.listen(path);
    await once(server, "listening");
    linkSync(path, linked);
    return true;
  } catch {
    return false;
  } finally {
    server.close();
    removeFile(path);
    removeFile(linked);
  }
}
