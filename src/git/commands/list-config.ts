import type { GitCommand } from "../run.ts";

export interface ConfigEntry {
  /** `system`, `global`, `local`, `worktree` or `command`: where it is written. */
  readonly scope: string;
  /** As git prints it: section and variable in lower case, the part between them as written. */
  readonly key: string;
  /** A variable that is only named counts as `true`. */
  readonly value: string;
}

/** All settings that hold in the directory, the strongest last. None when git cannot read them. */
export function listConfig(): GitCommand<readonly ConfigEntry[]> {
  return {
    args: ["config", "--list", "-z", "--show-scope"],
    parse({ exitCode, stdout }) {
      if (exitCode !== 0) return [];
      const fields = stdout.split("\0");
      const entries: ConfigEntry[] = [];
      for (let index = 0; index + 1 < fields.length; index += 2) {
        const [scope, text] = [fields[index] ?? "", fields[index + 1] ?? ""];
        const end = text.indexOf("\n");
        entries.push({
          scope,
          key: end < 0 ? text : text.slice(0, end),
          value: end < 0 ? "true" : text.slice(end + 1),
        });
      }
      return entries;
    },
  };
}
