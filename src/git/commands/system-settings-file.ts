import type { GitCommand } from "../run.ts";

/**
 * Where git looks for the settings of the system when there are none: it names the file that it does not find. Null
 * when it does not say (there is an empty one).
 */
export function systemSettingsFile(): GitCommand<string | null> {
  return {
    args: ["config", "--system", "--list"],
    parse: ({ exitCode, stderr }) => (exitCode === 0 ? null : (/'([^']+)'/.exec(stderr)?.[1] ?? null)),
  };
}
