import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pending } from "../../../src/ledger/ports.ts";
import type { Window } from "./command.ts";

/** The op ids of the pushes that a clone has on record as in flight. */
export async function recordsIn({ path }: Window["clone"]): Promise<string[]> {
  const folder = join(path, ".git", "coord", "queue");
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const records = names.filter((name) => name.endsWith(".json"));
  const pending = await Promise.all(records.map((name) => readFile(join(folder, name), "utf8")));
  return pending.flatMap((text) => (JSON.parse(text) as Pending).requests.map(({ opId }) => opId));
}
