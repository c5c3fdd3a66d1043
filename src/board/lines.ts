/** One line and how it ends: `\n`, `\r\n`, `\r`, or nothing for a last line without an ending. */
export interface Line {
  readonly text: string;
  readonly eol: string;
}

/**
 * Lines that were seen before, by their text: a board is read over and over, and nearly all of its lines are those of
 * the last time. The same object again lets whoever made something of a line find it again (a WeakMap of lines).
 */
let seen = new Map<string, Line>();
/** More lines than a board has that is read in turns with others: beyond it, only those of the last board are kept. */
const SPARE = 2000;

/** Splits a text into lines so that {@link joinLines} gives back every byte. An ending after the last line makes no further line. */
export function splitLines(text: string): Line[] {
  const lines = text.includes("\r") ? splitAnyEnding(text) : splitNewlines(text);
  if (seen.size > 2 * lines.length + SPARE) seen = new Map(lines.filter(isUsual).map((line) => [line.text, line]));
  return lines;
}

const isUsual = ({ eol }: Line): boolean => eol === "\n";

function splitNewlines(text: string): Line[] {
  const lines: Line[] = [];
  let from = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
    lines.push(usualLine(text.slice(from, at)));
    from = at + 1;
  }
  if (from < text.length) lines.push({ text: text.slice(from), eol: "" });
  return lines;
}

function usualLine(text: string): Line {
  const known = seen.get(text);
  if (known) return known;
  const line = { text: detached(text), eol: "\n" };
  seen.set(line.text, line);
  return line;
}

/** A copy of its own: a slice would keep the whole board that it was cut from in memory. */
const detached = (slice: string): string => JSON.parse(JSON.stringify(slice)) as string;

function splitAnyEnding(text: string): Line[] {
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
  return text === "" || (!isRowLike(text) && /^[ \t]*$/.test(text));
}

/** Whether a line begins with a pipe: nearly all lines of a large board do, and most questions are answered by it. */
export const isRowLike = (text: string): boolean => text.charCodeAt(0) === 124;
