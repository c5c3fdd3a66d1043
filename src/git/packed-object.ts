import { promises as disk } from "node:fs";
import { Errors, readObject } from "isomorphic-git";
import type { Oid } from "../ledger/ports.ts";
import type { GitObject, Kind } from "./loose-object.ts";

/**
 * Finds an object in the packs. A file of its own, loaded when it is needed: what was written here lately is loose, and
 * reading packs takes a library.
 * @param cache what the library remembers of packs; a fresh one sees those that were made since
 * @returns null when no pack has it
 */
export async function readPacked(gitDir: string, oid: Oid, cache: object): Promise<GitObject | null> {
  try {
    const found = await readObject({ fs: { promises: disk }, gitdir: gitDir, oid, cache, format: "content" });
    if (found.format !== "content") return null;
    return { oid, kind: found.type as Kind, content: found.object as Uint8Array };
  } catch (error) {
    if (error instanceof Errors.NotFoundError) return null;
    throw error;
  }
}
