import type { Cell } from "./table.ts";

/** One line and how it ends: `\n`, `\r\n`, `\r`, or nothing for a last line without an ending. */
export interface Line {
  readonly text: string;
  readonly eol: string;
  /** What was made of it, for whoever reads it again. Not in a WeakMap: ten thousand of them cost more than the reading. */
  readonly made: MadeOfLine;
}

interface MadeOfLine {
  /** Its cells, once it was cut ({@link cellsOf}). */
  cells: readonly Cell[] | null;
  /** What a row of some layout says ({@link RowReader}). */
  row: { readonly layout: string; readonly value: unknown } | null;
}

const newLine = (text: string, eol: string): Line => ({ text, eol, made: { cells: null, row: null } });

/**
 * Lines that were seen before, by their text: a board is read over and over, and nearly all of its lines are those of
 * the last time.
 */
let seen = new Map<string, Line>();
/** The lines of the last text, in order: the next one mostly has them in the same order. */
let last: readonly Line[] = [];
/** So many lines of the last text may be missing at one place. */
const GAP = 8;
/** More lines than a board has that is read in turns with others: beyond it, only those of the last board are kept. */
const SPARE = 2000;

/**
 * Splits a text into lines so that {@link joinLines} gives back every byte. An ending after the last line makes no further line.
 * @param most stops behind so many and one more
 */
export function splitLines(text: string, most = Number.POSITIVE_INFINITY): Line[] {
  const lines = text.includes("\r") ? splitAnyEnding(text, most) : splitNewlines(text, most);
  if (seen.size > 2 * lines.length + SPARE) seen = new Map(lines.filter(isUsual).map((line) => [line.text, line]));
  return lines;
}

const isUsual = ({ eol }: Line): boolean => eol === "\n";

function splitNewlines(text: string, most: number): Line[] {
  const lines: Line[] = [];
  let [from, next] = [0, 0];
  while (from < text.length && lines.length <= most) {
    let skipped = 0;
    while (skipped < GAP && !standsAt(text, from, last[next + skipped])) skipped += 1;
    if (skipped < GAP) next += skipped + 1;
    const at = skipped < GAP ? -1 : text.indexOf("\n", from);
    if (skipped === GAP && at < 0) break;
    const line = skipped < GAP ? (last[next - 1] as Line) : usualLine(text.slice(from, at));
    lines.push(line);
    from += line.text.length + 1;
  }
  if (from < text.length && lines.length <= most) lines.push(newLine(text.slice(from), ""));
  last = lines;
  return lines;
}

/** Without cutting the text: comparing is cheaper than a string of its own. */
function standsAt(text: string, from: number, line: Line | undefined): boolean {
  if (line?.eol !== "\n") return false;
  return text.charCodeAt(from + line.text.length) === 10 && text.startsWith(line.text, from);
}

function usualLine(text: string): Line {
  const known = seen.get(text);
  if (known) return known;
  const line = newLine(detached(text), "\n");
  seen.set(line.text, line);
  return line;
}

/** A copy of its own: a slice would keep the whole board that it was cut from in memory. */
const detached = (slice: string): string => JSON.parse(JSON.stringify(slice)) as string;

function splitAnyEnding(text: string, most: number): Line[] {
  const lines: Line[] = [];
  let from = 0;
  for (const match of text.matchAll(/\r\n|\n|\r/g)) {
    lines.push(newLine(text.slice(from, match.index), match[0]));
    from = match.index + match[0].length;
    if (lines.length > most) return lines;
  }
  if (from < text.length) lines.push(newLine(text.slice(from), ""));
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
