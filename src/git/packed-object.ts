import { promises as disk } from "node:fs";
// Imported as a whole module of ours: named parts of a CommonJS package reach a dynamic import only without a bundler.
import { Errors, readObject } from "isomorphic-git";
import type { Oid } from "../ledger/ports.ts";
import type { GitObject, Kind } from "./loose-object.ts";

/**
 * An object of a pack; null when no pack has it. Throws when the pack is not sound.
 * @param cache what is remembered of packs
 */
export async function readPacked(gitdir: string, oid: Oid, cache: object): Promise<GitObject | null> {
  try {
    const found = await readObject({ fs: { promises: disk }, gitdir, oid, cache, format: "content" });
    if (found.format !== "content") return null;
    return { oid, kind: found.type as Kind, content: found.object as Uint8Array };
  } catch (error) {
    if (error instanceof Errors.NotFoundError) return null;
    throw error;
  }
}
