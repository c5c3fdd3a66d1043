import { errorCode, inFolder, removeFile, temporaryIn, writeNew } from "./atomic-file.ts";
import { type Finding, finding } from "./finding.ts";
import type { CoordFolder } from "./private-repository.ts";

const ROOM = "Make room on that disk, or raise the quota or limit of this user.";
const RIGHTS = "Give this user the right to write there and in everything below.";
const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: ROOM,
  EDQUOT: ROOM,
  EFBIG: ROOM,
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EROFS: "The disk is mounted read-only: mount it so that it can be written, or work in a clone on another one.",
};

/** Whether this clone can keep anything: every command that writes begins by doing so. It is tried, for nothing else tells. */
export function inspectDisk({ path }: Pick<CoordFolder, "path">): Finding {
  const file = temporaryIn(path);
  try {
    try {
      inFolder(path, () => writeNew(file, Buffer.alloc(4096), { durable: true }));
    } finally {
      removeFile(file);
    }
    return finding("disk", "ok", "this clone can keep what it needs");
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const hint = HINTS[errorCode(error) ?? ""] ?? "Every command that writes needs that folder.";
    return finding("disk", "fail", `nothing can be written in ${path}:\n${words}`, hint);
  }
}
