import type { ConfigEntry } from "./commands/list-config.ts";

/**
 * Sections whose settings are about the user's own repository and commands. They do not follow our calls: a
 * `remote.*.promisor` would make git fetch missing objects from there, `push.pushOption` be sent to the server.
 */
const STAYS = new Set(
  `alias am apply blame branch checkout clean clone color column commit commitgraph core diff difftool extensions
  feature fetch format fsck fsmonitor gc gitcvs gitweb grep gui hook i18n include includeif index init
  interactive lfs log maintenance man merge mergetool notes pack pager promisor pull push rebase receive
  reftable remote remotes repack rerere revert safe sendemail sequence splitindex stash status submodule tag tar
  trace2 transfer uploadarchive uploadpack versionsort worktree`.split(/\s+/),
);

/** What is about reaching a remote or about the disk, in the one section that has everything. */
const CORE = new Set(["core.askpass", "core.gitproxy", "core.sharedrepository", "core.sshcommand", "core.sshvariant"]);

/**
 * The settings that are written in the user's repository and must hold for our git as well, so that credentials
 * work as for `git push`: git reads those of the system and the user by itself, but not these, because it runs
 * in the private repository.
 */
export function carriedSettings(entries: readonly ConfigEntry[]): ConfigEntry[] {
  return entries.filter(({ scope, key }) => {
    if (scope !== "local" && scope !== "worktree") return false;
    const section = key.slice(0, key.indexOf(".")).toLowerCase();
    return section === "core" ? CORE.has(key) : !STAYS.has(section);
  });
}

/**
 * The same as variables for git's environment. They come before what the environment holds already (as after
 * `GIT_CONFIG_COUNT=1`), which stays the stronger.
 */
export function settingsEnvironment(
  settings: readonly ConfigEntry[],
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  if (settings.length === 0) return {};
  const count = Number(environment.GIT_CONFIG_COUNT ?? 0) || 0;
  const present = Array.from({ length: count }, (_, index) => ({
    key: environment[`GIT_CONFIG_KEY_${index}`] ?? "",
    value: environment[`GIT_CONFIG_VALUE_${index}`] ?? "",
  }));
  const all = [...settings, ...present];
  const variables = all.flatMap(({ key, value }, index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(all.length), ...Object.fromEntries(variables) };
}
