import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { inflate } from "node:zlib";
import type { Oid } from "../ledger/ports.ts";
import { parseCommit } from "./commit-object.ts";
import { parseTree, treeName } from "./tree-object.ts";

/**
 * The text of a file at the root of a commit, when all its objects are loose, as those are that came last: read
 * without a process and without a library. Null when one of them is not: then git is to be asked.
 */
export async function readLooseFile(gitDir: string, commit: Oid, file: string): Promise<string | null> {
  try {
    const { tree } = parseCommit(commit, await readLoose(gitDir, commit));
    const entry = parseTree(await readLoose(gitDir, tree)).find(({ name }) => name === treeName(file));
    if (!entry?.mode.startsWith("100")) return null;
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readLoose(gitDir, entry.oid));
  } catch {
    return null;
  }
}

async function readLoose(gitDir: string, oid: Oid): Promise<Buffer> {
  const path = join(gitDir, "objects", oid.slice(0, 2), oid.slice(2));
  const object: Buffer = await promisify(inflate)(await readFile(path));
  return object.subarray(object.indexOf(0) + 1);
}
