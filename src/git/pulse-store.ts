import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Pulse, PulseStore } from "../ledger/ports.ts";
import { namesIn, readIfThere, replaceFile } from "./atomic-file.ts";
import { type BoardPlace, boardFolder, idFileName } from "./board-files.ts";

/** One file for each process that keeps an orchestrator alive: `pulses/<remote>/<branch>/<id>.<process>.json`. */
export class FilePulseStore implements PulseStore {
  readonly #folder: string;

  constructor(place: BoardPlace) {
    this.#folder = boardFolder(place, "pulses");
  }

  async put(process: string, pulse: Pulse): Promise<void> {
    await replaceFile(this.#path(process, pulse.id), `${JSON.stringify(pulse)}\n`, { durable: false });
  }

  async remove(process: string, id: string): Promise<void> {
    await rm(this.#path(process, id), { force: true });
  }

  async list(): Promise<readonly Pulse[]> {
    // Every command that writes looks here: by calls that are not handed to another thread.
    const names = namesIn(this.#folder).filter((name) => name.endsWith(".json"));
    const texts = names.map((name) => readIfThere(join(this.#folder, name)));
    return texts.flatMap((text) => parsePulse(text ?? "") ?? []);
  }

  #path(process: string, id: string): string {
    return join(this.#folder, `${idFileName(id)}.${process}.json`);
  }
}

function parsePulse(text: string): Pulse | null {
  try {
    const { id, bootId, until, renewing = null } = JSON.parse(text) as Partial<Pulse>;
    const isPulse = typeof id === "string" && typeof bootId === "string" && typeof until === "number";
    return isPulse ? { id, bootId, until, renewing: typeof renewing === "number" ? renewing : null } : null;
  } catch {
    return null;
  }
}
