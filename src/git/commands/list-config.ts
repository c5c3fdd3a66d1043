import type { GitCommand } from "../run.ts";

export interface ConfigEntry {
  /** `system`, `global`, `local`, `worktree` or `command`: where it is written. */
  readonly scope: string;
  /** As git prints it: section and variable in lower case, the part between them as written. */
  readonly key: string;
  /** A variable that is only named counts as `true`. */
  readonly value: string;
}

export interface ListedEntry extends ConfigEntry {
  /** `file:` and a path, relative to the top level of the work tree; `command line:` for what came with the command. */
  readonly origin: string;
}

/** All settings that hold in the directory, the strongest last. None when git cannot read them. */
export function listConfig(): GitCommand<readonly ListedEntry[]> {
  return {
    args: ["config", "--list", "-z", "--show-scope", "--show-origin"],
    parse({ exitCode, stdout }) {
      if (exitCode !== 0) return [];
      const fields = stdout.split("\0");
      const entries: ListedEntry[] = [];
      for (let index = 0; index + 2 < fields.length; index += 3) {
        const [scope = "", origin = "", text = ""] = fields.slice(index, index + 3);
        const end = text.indexOf("\n");
        entries.push({
          scope,
          origin,
          key: end < 0 ? text : text.slice(0, end),
          value: end < 0 ? "true" : text.slice(end + 1),
        });
      }
      return entries;
    },
  };
}
