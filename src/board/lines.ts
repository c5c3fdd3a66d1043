/** One line and how it ends: `\n`, `\r\n`, `\r`, or nothing for a last line without an ending. */
export interface Line {
  readonly text: string;
  readonly eol: string;
}

/** Splits a text into lines so that {@link joinLines} gives back every byte. An ending after the last line makes no further line. */
export function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  let from = 0;
  for (const match of text.matchAll(/\r\n|\n|\r/g)) {
    lines.push({ text: text.slice(from, match.index), eol: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) lines.push({ text: text.slice(from), eol: "" });
  return lines;
}

export function joinLines(lines: readonly Line[]): string {
  let text = "";
  for (const line of lines) text += line.text + line.eol;
  return text;
}

/** Markdown's idea of a blank line: spaces and tabs only. */
export function isBlank(text: string): boolean {
  return /^[ \t]*$/.test(text);
}
