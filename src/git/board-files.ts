import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Endpoint } from "./endpoint.ts";
import type { CoordFolder } from "./private-repository.ts";

/** One board as local files know it: one branch of one remote. */
export interface BoardPlace {
  readonly folder: Pick<CoordFolder, "path">;
  readonly endpoint: Pick<Endpoint, "key">;
  readonly branch: string;
}

/** `origin/coordination`; a slash in the branch's name does not make a folder. */
export function boardKey({ endpoint, branch }: BoardPlace): string {
  return `${endpoint.key}/${encodeURIComponent(branch)}`;
}

/** The folder in which one kind of record about a board is kept. */
export function boardFolder(place: BoardPlace, kind: "queue" | "sessions" | "held" | "pulses"): string {
  return join(place.folder.path, kind, boardKey(place));
}

/** A file name for an orchestrator's id; ids that differ only in case are one. */
export function idFileName(id: string): string {
  const key = id.toLowerCase();
  return /^[a-z0-9][a-z0-9_-]{0,63}$/.test(key)
    ? key
    : `_${createHash("sha256").update(key).digest("hex").slice(0, 32)}`;
}
