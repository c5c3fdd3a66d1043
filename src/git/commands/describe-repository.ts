import { isAbsolute } from "node:path";
import type { GitCommand } from "../run.ts";

export type Description =
  | {
      readonly ok: true;
      readonly gitDir: string;
      readonly commonDir: string;
      readonly isBare: boolean;
      readonly objectFormat: string;
      /** Null in a bare repository, and inside the `.git` folder of any other. */
      readonly toplevel: string | null;
    }
  | { readonly ok: false; readonly words: string };

/** Where the repository around the working directory is. The last question has no answer where nothing is checked out. */
export function describeRepository(): GitCommand<Description> {
  return {
    args: [
      "rev-parse",
      "--path-format=absolute",
      "--absolute-git-dir",
      "--git-common-dir",
      "--is-bare-repository",
      "--show-object-format",
      "--show-toplevel",
    ],
    parse({ stdout, stderr }) {
      const [gitDir, commonDir, isBare, objectFormat, toplevel] = stdout.split("\n");
      if (!gitDir || !commonDir || !isBare || !objectFormat) return { ok: false, words: stderr.trim() };
      // Before 2.31 git repeats an option that it does not know.
      if (!isAbsolute(gitDir)) return { ok: false, words: "git 2.31 or later is needed" };
      return { ok: true, gitDir, commonDir, isBare: isBare === "true", objectFormat, toplevel: toplevel || null };
    },
  };
}
