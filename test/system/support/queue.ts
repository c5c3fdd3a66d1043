import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Window } from "./command.ts";

/** The op ids of the pushes that a clone has on record as in flight. */
export async function recordsIn({ path }: Window["clone"]): Promise<string[]> {
  const folder = join(path, ".git", "coord", "queue");
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const records = names.filter((name) => name.endsWith(".json"));
  return Promise.all(
    records.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")).opId as string),
  );
}
