import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A folder's content in memory: what is the same for many tests is made once, and leaves nothing behind. */
type Content = readonly { readonly path: string; readonly mode: number; readonly bytes: Buffer | null }[];

const prepared = new Map<string, Promise<Content>>();

/**
 * A folder as `make` makes it: the first time by calling it, later by writing the same files.
 * @param name of what is made, the same for the same content
 */
export async function preparedFolder(name: string, path: string, make: () => Promise<unknown>): Promise<void> {
  const known = prepared.get(name);
  if (known !== undefined) return write(await known, path);
  const made = make().then(() => read(path));
  prepared.set(name, made);
  // What failed once need not fail for whoever comes next.
  await made.catch((error: unknown) => {
    prepared.delete(name);
    throw error;
  });
}

/** Keeps a folder in mind as it is now. The result makes it so again, whatever was done in it. */
export async function rememberFolder(path: string): Promise<() => Promise<void>> {
  const content = await read(path);
  return async () => {
    for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, maxRetries: 5 });
    await write(content, path);
  };
}

async function read(folder: string): Promise<Content> {
  const entries = await readdir(folder, { recursive: true });
  return Promise.all(
    entries.sort().map(async (path) => {
      const there = join(folder, path);
      const about = await stat(there);
      return { path, mode: about.mode, bytes: about.isDirectory() ? null : await readFile(there) };
    }),
  );
}

async function write(content: Content, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { path, mode, bytes } of content) {
    const there = join(folder, path);
    if (bytes === null) await mkdir(there, { recursive: true, mode });
    else await writeFile(there, bytes, { mode });
  }
}
