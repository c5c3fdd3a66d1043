import { join } from "node:path";
import type { Oid } from "../ledger/ports.ts";
import { errorCode, readIfThere } from "./atomic-file.ts";

/**
 * Reads a ref of a repository with the files backend, without a process. Null when there is none. Git replaces
 * refs by renaming, so what is read is whole.
 */
export function readRef(gitDir: string, ref: string): Oid | null {
  const read = () => readLooseRef(gitDir, ref);
  // While refs are being packed, the loose one goes after the packed one came: hence loose, packed, loose.
  return read() ?? readPacked(gitDir, ref) ?? read();
}

/** The same without those that are packed: null does not say that there is none. */
export function readLooseRef(gitDir: string, ref: string): Oid | null {
  return parseRef(readLoose(join(gitDir, ref)));
}

/** A folder in the place of a ref: left-over, or of other refs. */
function readLoose(path: string): string | null {
  try {
    return readIfThere(path);
  } catch (error) {
    if (errorCode(error) === "EISDIR") return null;
    throw error;
  }
}

function readPacked(gitDir: string, ref: string): Oid | null {
  const text = readIfThere(join(gitDir, "packed-refs"));
  const line = text?.split("\n").find((each) => each.endsWith(` ${ref}`) && !each.startsWith("#"));
  return line?.slice(0, 40) ?? null;
}

function parseRef(text: string | null): Oid | null {
  const oid = text?.trim() ?? "";
  return /^[0-9a-f]{40}$/.test(oid) ? oid : null;
}
