import { chmod, readFile, realpath, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { errorCode, replaceFile } from "./atomic-file.ts";

/** Why a file of the user cannot be dealt with as text. */
export type TextFileProblem = "not_a_file" | "not_utf8" | "read_only";

export class TextFileError extends Error {
  constructor(readonly problem: TextFileProblem) {
    super(problem);
  }
}

/** What stands at a path, links followed; null for nothing. */
export async function kindOf(path: string): Promise<"file" | "folder" | "other" | null> {
  const found = await statIfThere(path);
  if (found === null) return null;
  return found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
}

/** The text of a file of the user's; null when there is none. @throws TextFileError */
export async function readTextFile(path: string): Promise<string | null> {
  const kind = await kindOf(path);
  if (kind === null) return null;
  if (kind !== "file") throw new TextFileError("not_a_file");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readFile(path));
  } catch (error) {
    if (error instanceof TypeError) throw new TextFileError("not_utf8");
    throw error;
  }
}

/**
 * Replaces the file's text whole. A link stays a link, permissions stay as they are.
 * @param mode for a file that is not there yet
 * @throws TextFileError `read_only`: somebody said that it must not change, and root is no exception
 */
export async function writeTextFile(path: string, text: string, mode = 0o666): Promise<void> {
  const target = await targetOf(path);
  const present = await refuseReadOnly(path);
  await replaceFile(target, text, { mode: present?.mode ?? mode });
  if (present) await chmod(target, present.mode & 0o7777);
}

/**
 * Removes a file and the folders above it that are empty then, as far as `root`. What a link leads to was made by
 * somebody else: it is emptied. @throws TextFileError `read_only`
 */
export async function removeTextFile(path: string, root: string): Promise<void> {
  if ((await targetOf(path)) !== (await ownPath(path))) return writeTextFile(path, "");
  await refuseReadOnly(path);
  await rm(path, { force: true });
  for (let folder = dirname(path); isBelow(root, folder); folder = dirname(folder)) {
    const isEmpty = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!isEmpty) return;
  }
}

const isBelow = (root: string, folder: string): boolean => {
  const way = relative(root, folder);
  return way !== "" && !way.startsWith("..");
};

const WRITABLE = 0o222;

/** Where a link leads in the end. */
async function targetOf(path: string): Promise<string> {
  return realpath(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return path;
    throw error;
  });
}

/** The path itself, without the links on the way to its folder. */
const ownPath = async (path: string): Promise<string> => join(await targetOf(dirname(path)), basename(path));

/**
 * The file's state, null when there is none.
 * @throws TextFileError `read_only` for the file or the folder that it is really in
 */
export async function refuseReadOnly(path: string): Promise<{ mode: number } | null> {
  const target = await targetOf(path);
  const file = await statIfThere(target);
  const folder = await statIfThere(dirname(target));
  const isLocked = (found: { mode: number } | null) => found !== null && (found.mode & WRITABLE) === 0;
  if (isLocked(file) || isLocked(folder)) throw new TextFileError("read_only");
  return file;
}

async function statIfThere(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return null;
    throw error;
  }
}
