import { existsSync } from "node:fs";
import { join } from "node:path";
import { createFile, makeFolder } from "./atomic-file.ts";

/**
 * Makes sure that a bare SHA-1 repository is there, and puts back whatever part of it is missing. Format 0 is
 * four names and will not change, so no git runs for it: templates, hooks and the user's defaults for new
 * repositories (SHA-256, reftable) stay out. Any number of processes may do it at once, since each part is
 * made in one step and always of the same bytes.
 * @param settings text of further sections of its configuration file
 */
export function ensureBareRepository(path: string, settings: string): void {
  // HEAD comes last: without it git sees no repository.
  if (isThere(path)) return;
  makeFolder(join(path, "objects", "info"));
  makeFolder(join(path, "objects", "pack"));
  makeFolder(join(path, "refs", "heads"));
  createFile(join(path, "config"), `[core]\n\trepositoryformatversion = 0\n\tbare = true\n${settings}`);
  createFile(join(path, "HEAD"), "ref: refs/heads/main\n");
}

export function isThere(path: string): boolean {
  return ["HEAD", "config", "objects/pack", "refs/heads"].every((part) => existsSync(join(path, part)));
}
