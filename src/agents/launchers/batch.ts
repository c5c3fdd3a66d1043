import type { Agent, AgentPattern, Around, Editor } from "./agent.ts";

/**
 * A text for `set "NAME=text"`: between those quotes `&`, `|`, `<`, `>`, `^` and, without delayed expansion, `!` mean
 * themselves, and `%` does when doubled. Only a double quote and line breaks have no safe form.
 */
export const batchText = (text: string): string => text.replaceAll("%", "%%");

/** No file on Windows can have such a name, so a script with it could only do harm. */
export const isForWindows = (text: string): boolean => !/["\u0000-\u001f]/.test(text);

/** The number stands in %number%, which holds digits only. */
const around = ({ before, after }: Around): string =>
  after === null ? batchText(before) : `${batchText(before)}%number%${batchText(after)}`;

export function batchScript(agent: Agent, editor: Editor): string {
  const values = [batchText(agent.profile), batchText(agent.workspace), batchText(agent.id)] as const;
  return script(`Opens agent ${agent.number}`, [], values, editor);
}

export function batchScriptForAny(pattern: AgentPattern, editor: Editor): string {
  const numbered = [
    'set "number=%~1"',
    'set "rest=x"',
    // What is left when digits part the text: nothing, if there are only digits.
    `if defined number for /f "delims=0123456789" %%c in ("%number%") do set "rest=bad"`,
    'if not defined number set "rest=bad"',
    'if "%rest%"=="bad" (',
    "  echo usage: Launch-Agent NUMBER 1>&2",
    "  exit /b 2",
    ")",
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
  const all = [profile, workspace, id, command, extensions ?? ""];
  const body = all.every(isForWindows)
    ? [
        ...before,
        `set "profile=${profile}"`,
        `set "workspace=${workspace}"`,
        ...(extensions === null ? [] : [`set "extensions=${batchText(extensions)}"`]),
        `set "COORD_ID=${id}"`,
        'if not exist "%workspace%\\" (',
        "  echo the folder of this agent is not there 1>&2",
        "  exit /b 1",
        ")",
        'if not exist "%profile%\\" mkdir "%profile%"',
        `"${batchText(command)}" --user-data-dir "%profile%"${extensions === null ? "" : ' --extensions-dir "%extensions%"'} --new-window "%workspace%"`,
      ]
    : ["echo no path on Windows can hold the characters of this one: use the .sh script 1>&2", "exit /b 1"];
  return [
    "@echo off",
    `rem ${title} (written by git coord profiles launchers)`,
    "setlocal DisableDelayedExpansion",
    "chcp 65001 >nul",
    ...body,
    "",
  ].join("\r\n");
}
