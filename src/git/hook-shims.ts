/** What a shim needs to know: paths of this machine, fixed when it is written. */
export interface ShimPlace {
  /** The folder of the hooks that were there before. */
  readonly before: string;
  readonly node: string;
  readonly program: string;
}

export const CLIENT_HOOKS = ["pre-commit", "prepare-commit-msg", "commit-msg", "pre-push"] as const;
export const SERVER_HOOKS = ["pre-receive"] as const;
export type OwnHook = (typeof CLIENT_HOOKS)[number] | (typeof SERVER_HOOKS)[number];

/**
 * Hooks of which git-coord has none of its own. They are passed on, because `core.hooksPath` moves all of them at
 * once; those that git runs very often, and those whose mere presence changes what git does, only when they are there.
 */
export const PASSED_ON = [
  ...["applypatch-msg", "pre-applypatch", "post-applypatch", "pre-merge-commit", "post-commit", "pre-rebase"],
  ...["post-checkout", "post-merge", "pre-auto-gc", "post-rewrite", "sendemail-validate"],
  ...["update", "post-receive", "post-update"],
];
export const PASSED_ON_IF_THERE = [
  ...["reference-transaction", "post-index-change", "p4-pre-submit", "fsmonitor-watchman"],
  ...["push-to-checkout", "proc-receive"],
];

/** A script that only calls the hook that was there before. */
export function passOn(name: string, before: string): string {
  return script(name, before, ['[ -x "$before" ] || exit 0', 'exec "$before" "$@"']);
}

/** The shell script that git calls. It runs the hook that was there before first; what that one refuses is refused. */
export function shimOf(name: OwnHook, place: ShimPlace): string {
  return script(name, place.before, bodyOf(name, place));
}

function script(name: string, before: string, body: readonly string[]): string {
  return [
    "#!/bin/sh",
    "# Written by `git coord hooks install`; `git coord hooks uninstall` puts back what was there before.",
    `before=${quoted(`${before}/${name}`)}`,
    ...body,
    "",
  ].join("\n");
}

function bodyOf(name: OwnHook, place: ShimPlace): readonly string[] {
  const first = 'if [ -x "$before" ]; then "$before" "$@" || exit $?; fi';
  switch (name) {
    case "pre-commit":
      return [first, ...findProgram(place, name, 0), `exec "$node" "$program" hook ${name} "$@"`];
    case "pre-push":
      return [...withInput, ...findProgram(place, name, 0), `tell | "$node" "$program" hook ${name} "$@"`];
    case "pre-receive":
      return [...withInput, ...findProgram(place, name, 1), `tell | "$node" "$program" hook ${name} "$@"`];
    case "prepare-commit-msg":
      return [first, ...identity, ...unlessEmpty('[ -z "$2" ]'), trailer];
    case "commit-msg":
      return [first, ...identity, ...unlessEmpty("true"), trailer];
  }
}

/** Both hooks read what git says on standard input. */
const withInput = [
  "input=$(cat)",
  'tell() { if [ -n "$input" ]; then printf "%s\\n" "$input"; fi; }',
  'if [ -x "$before" ]; then tell | "$before" "$@" || exit $?; fi',
];

/** @param exit what happens when the program was taken away: a client goes on, a server refuses */
function findProgram({ node, program }: ShimPlace, name: string, exit: 0 | 1): readonly string[] {
  const what = exit === 0 ? "not checked" : "refused";
  return [
    `node=${quoted(node)} program=${quoted(program)}`,
    '[ -x "$node" ] || node=$(command -v node)',
    `if [ ! -f "$program" ] || [ -z "$node" ]; then`,
    `  echo "git-coord: its program is not at $program any more: ${what} (${name}); run git coord hooks install" >&2`,
    `  exit ${exit}`,
    "fi",
  ];
}

/** Who commits; nobody: nothing to write. In the shell, because a process of node for each message is felt. */
const identity = [
  'id="$COORD_ID"',
  '[ -n "$id" ] || id=$(git config --get coord.id)',
  'case "$id" in "" | *[!A-Za-z0-9._-]*) exit 0 ;; esac',
];

/** An empty message is how people give up a commit: a trailer would make it one. */
const unlessEmpty = (condition: string): readonly string[] => [
  `if ${condition} && [ -z "$(git stripspace --strip-comments <"$1")" ]; then exit 0; fi`,
];

/** A line of dashes is part of a commit's message; only in a mailed patch does it end one. */
const trailer =
  'exec git interpret-trailers --no-divider --in-place --if-exists replace --trailer "Coord-Id: $id" "$1"';

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
