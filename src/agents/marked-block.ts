import type { Edit, EditResult } from "./edit.ts";

/** How a marker looks in a kind of file: a comment on a line of its own. */
export interface CommentStyle {
  readonly open: string;
  readonly close: string;
}

export const MARKDOWN: CommentStyle = { open: "<!-- ", close: " -->" };
export const HASH: CommentStyle = { open: "# ", close: "" };

const BEGIN = "git-coord:begin";
const END = "git-coord:end";
const WARNING = "(written by `git coord agents setup`: edits between these lines are overwritten)";

/**
 * Puts a block between marked lines, in place of the one that is there or else at the end; everything outside
 * stays byte for byte. @param header what a file that is not there begins with
 */
export function putBlock(style: CommentStyle, content: string, header = ""): Edit {
  return (text) => {
    const eol = text?.includes("\r\n") ? "\r\n" : "\n";
    const block = [
      `${style.open}${BEGIN} ${WARNING}${style.close}`,
      ...content.trimEnd().split("\n"),
      `${style.open}${END}${style.close}`,
      "",
    ].join(eol);
    if (text === null) return { ok: true, text: `${header}${block}` };
    const found = findBlock(style, text);
    if (!found.ok) return found;
    if (found.block !== null) {
      return { ok: true, text: text.slice(0, found.block.start) + block + text.slice(found.block.end) };
    }
    const ended = text === "" || text.endsWith("\n") ? text : text + eol;
    return { ok: true, text: ended + (ended === "" ? "" : eol) + block };
  };
}

/** Takes the block out again. Our header goes too while it is unchanged, and the file when nothing is left. */
export function takeBlock(style: CommentStyle, header = ""): Edit {
  return (text) => {
    if (text === null) return { ok: true, text };
    const found = findBlock(style, text);
    if (!found.ok || found.block === null) return found.ok ? { ok: true, text } : found;
    const before = text.slice(0, found.block.start);
    const after = text.slice(found.block.end);
    const rest = joinAround(before, after);
    const own =
      header !== "" && rest.startsWith(header.trimEnd()) ? rest.slice(header.trimEnd().length).trimStart() : rest;
    return { ok: true, text: own.trim() === "" ? null : own };
  };
}

/** The empty line that set the block off goes with it, unless it still parts what stands on both sides. */
function joinAround(before: string, after: string): string {
  const isSetOff = /\n\r?\n$/.test(before);
  return isSetOff && (after === "" || /^\r?\n/.test(after)) ? before.replace(/\r?\n$/, "") + after : before + after;
}

type Found =
  | { readonly ok: true; readonly block: { readonly start: number; readonly end: number } | null }
  | Extract<EditResult, { ok: false }>;

function findBlock(style: CommentStyle, text: string): Found {
  const isMarker = (line: string, word: string) =>
    line.startsWith(`${style.open}${word}`) && line.trimEnd().endsWith(style.close.trim());
  const begins: { line: number; at: number }[] = [];
  const ends: { line: number; at: number }[] = [];
  let at = 0;
  text.split("\n").forEach((line, index) => {
    if (isMarker(line, BEGIN)) begins.push({ line: index + 1, at });
    at += line.length + 1;
    if (isMarker(line, END)) ends.push({ line: index + 1, at: Math.min(at, text.length) });
  });
  const [begin, end] = [begins[0], ends[0]];
  if (!begin && !end) return { ok: true, block: null };
  if (begins.length === 1 && ends.length === 1 && begin && end && begin.at < end.at) {
    return { ok: true, block: { start: begin.at, end: end.at } };
  }
  const line = (begin ?? end)?.line ?? null;
  return { ok: false, line, problem: "its marked lines do not make one pair; mend or remove them by hand" };
}
