import type { Agent, AgentPattern, Around, Editor } from "./agent.ts";

/** A word of the shell that stands for exactly this text: nothing is special between single quotes but the quote. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The number stands in `$number`, which holds digits only. */
const around = ({ before, after }: Around): string =>
  after === null ? shellWord(before) : `${shellWord(before)}"$number"${after && shellWord(after)}`;

export function shellScript(agent: Agent, editor: Editor): string {
  const values = [shellWord(agent.profile), shellWord(agent.workspace), shellWord(agent.id)] as const;
  return script(`Opens agent ${agent.number}`, [], values, editor);
}

export function shellScriptForAny(pattern: AgentPattern, editor: Editor): string {
  const numbered = [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    "number=${1:-}",
    "case $number in",
    `'' | *[!0-9]* | 0*) echo "usage: $0 NUMBER" >&2; exit 2 ;;`,
    "esac",
  ];
  const values = [around(pattern.profile), around(pattern.workspace), around(pattern.id)] as const;
  return script("Opens the agent whose number is given", numbered, values, editor);
}

function script(
  title: string,
  before: readonly string[],
  [profile, workspace, id]: readonly [string, string, string],
  { command, extensions }: Editor,
): string {
  const options = `--user-data-dir "$profile"${extensions === null ? "" : ' --extensions-dir "$extensions"'}`;
  return [
    "#!/bin/sh",
    `# ${title} (written by \`git coord profiles launchers\`)`,
    "set -eu",
    ...before,
    `profile=${profile}`,
    `workspace=${workspace}`,
    ...(extensions === null ? [] : [`extensions=${shellWord(extensions)}`]),
    `COORD_ID=${id}`,
    "export COORD_ID",
    'if [ ! -d "$workspace" ]; then',
    `  printf 'there is no folder %s\\n' "$workspace" >&2`,
    "  exit 1",
    "fi",
    'mkdir -p -- "$profile"',
    `exec ${shellWord(command)} ${options} --new-window "$workspace"`,
    "",
  ].join("\n");
}
