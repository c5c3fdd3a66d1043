import { join } from "node:path";
import type { Oid } from "../ledger/ports.ts";
import { errorCode, readIfThere } from "./atomic-file.ts";

/**
 * Reads a ref of a repository with the files backend, without a process. Null when there is none. Git replaces
 * refs by renaming, so what is read is whole.
 */
export async function readRef(gitDir: string, ref: string): Promise<Oid | null> {
  const read = async () => parseRef(await readIfThere(join(gitDir, ref)).catch(folderIsNone));
  // While refs are being packed, the loose one goes after the packed one came: hence loose, packed, loose.
  return (await read()) ?? (await readPacked(gitDir, ref)) ?? (await read());
}

/** A folder in the place of a ref: left-over, or of other refs. */
function folderIsNone(error: unknown): null {
  if (errorCode(error) === "EISDIR") return null;
  throw error;
}

async function readPacked(gitDir: string, ref: string): Promise<Oid | null> {
  const text = await readIfThere(join(gitDir, "packed-refs"));
  const line = text?.split("\n").find((each) => each.endsWith(` ${ref}`) && !each.startsWith("#"));
  return line?.slice(0, 40) ?? null;
}

function parseRef(text: string | null): Oid | null {
  const oid = text?.trim() ?? "";
  return /^[0-9a-f]{40}$/.test(oid) ? oid : null;
}
