/** The part of the composition root that serves the commands for agent tools: real files, git and machine. */
import { readFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { type TextFiles, UnusableFile, type Workshop } from "./agents/ports.ts";
import { discoverRepository } from "./git/discover.ts";
import { GitFailure } from "./git/errors.ts";
import { createGit } from "./git/run.ts";
import {
  kindOf,
  readTextFile,
  refuseReadOnly,
  removeTextFile,
  TextFileError,
  type TextFileProblem,
  writeTextFile,
} from "./git/text-files.ts";
import { ensureWorktree } from "./git/worktree.ts";

const WORDS: Readonly<Record<TextFileProblem, string>> = {
  not_a_file: "it is no file",
  not_utf8: "it is no UTF-8 text",
  read_only: "it is read-only",
};

async function inWords<T>(attempt: Promise<T>): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    throw error instanceof TextFileError ? new UnusableFile(WORDS[error.problem]) : error;
  }
}

const textFiles: TextFiles = {
  kind: kindOf,
  read: (path) => inWords(readTextFile(path)),
  checkWritable: async (path) => {
    await inWords(refuseReadOnly(path));
  },
  write: (path, text, options) => inWords(writeTextFile(path, text, options?.executable ? 0o777 : 0o666)),
  remove: (path, root) => inWords(removeTextFile(path, root)),
};

/** @param folder absolute */
export function openWorkshop(folder: string): Workshop {
  const git = createGit({ environment: process.env });
  return {
    folder,
    home: homedir(),
    host: hostname(),
    platform: process.platform,
    files: textFiles,
    instructions: () => readFile(new URL("../templates/orchestrator_instructions.md", import.meta.url), "utf8"),
    async projectRoot() {
      const { toplevel } = await discoverRepository(git, folder);
      if (toplevel !== null) return toplevel;
      throw new GitFailure({ code: "not_a_repository", directory: folder, words: "nothing is checked out there" });
    },
    async worktree(workspace, path, branch, id) {
      return { path, branch, created: await ensureWorktree(git, workspace, path, branch, id) };
    },
  };
}
