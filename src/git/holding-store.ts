import { join } from "node:path";
import type { HeldFence, HoldingStore } from "../ledger/ports.ts";
import { overwriteFile, readIfThere } from "./atomic-file.ts";
import { type BoardPlace, boardFolder, idFileName } from "./board-files.ts";

/** One file for each orchestrator: `held/<remote>/<branch>/<id>.json`. */
export class FileHoldingStore implements HoldingStore {
  readonly #folder: string;

  constructor(place: BoardPlace) {
    this.#folder = boardFolder(place, "held");
  }

  async load(id: string): Promise<readonly HeldFence[]> {
    const text = readIfThere(this.#path(id));
    return text === null ? [] : parseHeld(text);
  }

  async save(id: string, held: readonly HeldFence[]): Promise<void> {
    // In place: a file that is torn, or lost, means that a loss is not noticed, and costs every claim less.
    overwriteFile(this.#path(id), `${JSON.stringify(held)}\n`);
  }

  #path(id: string): string {
    return join(this.#folder, `${idFileName(id)}.json`);
  }
}

/** Whatever is no record of a lease is left out. */
function parseHeld(text: string): HeldFence[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isHeld) : [];
  } catch {
    return [];
  }
}

function isHeld(value: unknown): value is HeldFence {
  if (typeof value !== "object" || value === null) return false;
  const { resource, fence } = value as Partial<HeldFence>;
  return typeof resource === "string" && (fence === null || typeof fence === "number");
}
