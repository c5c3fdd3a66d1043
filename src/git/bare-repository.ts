import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createFile } from "./atomic-file.ts";

/**
 * Makes sure that a bare SHA-1 repository is there, and puts back whatever part of it is missing. Format 0 is
 * four names and will not change, so no git runs for it: templates, hooks and the user's defaults for new
 * repositories (SHA-256, reftable) stay out. Any number of processes may do it at once, since each part is
 * made in one step and always of the same bytes.
 * @param settings text of further sections of its configuration file
 */
export async function ensureBareRepository(path: string, settings: string): Promise<void> {
  // HEAD comes last: without it git sees no repository.
  if (await isThere(path)) return;
  await mkdir(join(path, "objects", "info"), { recursive: true });
  await mkdir(join(path, "objects", "pack"), { recursive: true });
  await mkdir(join(path, "refs", "heads"), { recursive: true });
  createFile(join(path, "config"), `[core]\n\trepositoryformatversion = 0\n\tbare = true\n${settings}`);
  createFile(join(path, "HEAD"), "ref: refs/heads/main\n");
}

export async function isThere(path: string): Promise<boolean> {
  const parts = ["HEAD", "config", "objects/pack", "refs/heads"].map((part) => stat(join(path, part)));
  return (await Promise.allSettled(parts)).every((part) => part.status === "fulfilled");
}
