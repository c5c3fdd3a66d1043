import type { Agent, AgentPattern, Around, Editor } from "./agent.ts";

/** A literal of PowerShell. Curly quotes end a text as the straight one does; doubled they mean themselves. */
export function powershellText(text: string): string {
  return `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, (quote) => quote + quote)}'`;
}

const around = ({ before, after }: Around): string =>
  after === null
    ? powershellText(before)
    : `(${powershellText(before)} + $Number${after && ` + ${powershellText(after)}`})`;

export function powershellScript(agent: Agent, editor: Editor): string {
  const values = [powershellText(agent.profile), powershellText(agent.workspace), powershellText(agent.id)] as const;
  return script(`Opens agent ${agent.number}`, [], values, editor);
}

export function powershellScriptForAny(pattern: AgentPattern, editor: Editor): string {
  const numbered = ["param([Parameter(Mandatory = $true)][ValidatePattern('^[1-9][0-9]{0,3}$')][string]$Number)"];
  const values = [around(pattern.profile), around(pattern.workspace), around(pattern.id)] as const;
  return script("Opens the agent whose number is given", numbered, values, editor);
}

/** `code` on Windows is a batch file, which would read `&` and `%` in a path as its own: its program is started instead. */
const FIND_PROGRAM = [
  "$found = @(Get-Command -Name $command -CommandType Application)[0].Source",
  "if ($found -like '*.cmd') {",
  "  $folder = Split-Path -Parent (Split-Path -Parent $found)",
  "  $program = Get-ChildItem -LiteralPath $folder -Filter '*.exe' | Where-Object { $_.Name -notlike 'unins*' } | Select-Object -First 1",
  "  if (-not $program) { throw ('there is no program beside ' + $found) }",
  "  $found = $program.FullName",
  "}",
];

function script(
  title: string,
  before: readonly string[],
  [profile, workspace, id]: readonly [string, string, string],
  { command, extensions }: Editor,
): string {
  const options = extensions === null ? "" : ", '--extensions-dir', $extensions";
  const lines = [
    `# ${title} (written by git coord profiles launchers)`,
    ...before,
    "$ErrorActionPreference = 'Stop'",
    `$profileFolder = ${profile}`,
    `$workspace = ${workspace}`,
    ...(extensions === null ? [] : [`$extensions = ${powershellText(extensions)}`]),
    `$command = ${powershellText(command)}`,
    `$env:COORD_ID = ${id}`,
    "if (-not (Test-Path -LiteralPath $workspace -PathType Container)) { throw ('there is no folder ' + $workspace) }",
    "[void][IO.Directory]::CreateDirectory($profileFolder)",
    ...FIND_PROGRAM,
    `& $found @('--user-data-dir', $profileFolder${options}, '--new-window', $workspace)`,
    "",
  ];
  // Windows PowerShell 5 takes a script without this mark for the code page of the machine.
  return `\ufeff${lines.join("\r\n")}`;
}
