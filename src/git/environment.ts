/**
 * Variables by which a git that runs us (a hook, an alias, `git rebase --exec`) tells its children which
 * repository, index or identity to use. They must not reach our own calls (FAILURES 26).
 */
const NAMES_A_REPOSITORY = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_ATTR_SOURCE",
  "GIT_COMMON_DIR",
  "GIT_CONFIG",
  "GIT_DEFAULT_HASH",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_INDEX_VERSION",
  "GIT_INTERNAL_SUPER_PREFIX",
  "GIT_LITERAL_PATHSPECS",
  "GIT_NAMESPACE",
  "GIT_NO_LAZY_FETCH",
  "GIT_NO_REPLACE_OBJECTS",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_REFLOG_ACTION",
  "GIT_REF_PARANOIA",
  "GIT_REPLACE_REF_BASE",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
  // The process that it names is a child of another git, which would hide that our own trace has a root.
  "GIT_TRACE2_PARENT_NAME",
  "GIT_TRACE2_PARENT_SID",
]);
const FAMILIES = /^GIT_(AUTHOR|COMMITTER|CEILING|PUSH_OPTION|CLONE_PROTECTION|TEST|DIFF|MERGE)(_|$)/;

/** The environment for every git that we start: nothing of the caller's repository, all of its credentials. */
export function gitEnvironment(from: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    const key = name.toUpperCase();
    if (value !== undefined && !NAMES_A_REPOSITORY.has(key) && !FAMILIES.test(key)) environment[name] = value;
  }
  return {
    ...environment,
    // Git's words are shown, and some are compared; they must not depend on the language of the terminal.
    LC_ALL: "C",
    LANGUAGE: "C",
    GIT_TERMINAL_PROMPT: "0",
    // Without this, `ext::sh -c …` in a remote's address is a command to run.
    GIT_ALLOW_PROTOCOL: "file:ssh:http:https:git",
    GIT_OPTIONAL_LOCKS: "0",
  };
}

/** What a git that runs a hook tells it about the repository, the index and the objects of a push. */
const OF_THE_CALLER = [
  "GIT_DIR",
  "GIT_COMMON_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_QUARANTINE_PATH",
];

/** The variables of a hook's caller, for the calls that are about the caller's repository. */
export function callersEnvironment(from: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  return Object.fromEntries(
    OF_THE_CALLER.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name] as string]])),
  );
}
