import { CodecError } from "./codec-error.ts";

/**
 * Free text in a table cell. Written, it is one line without an open pipe, shows no invisible or
 * direction-changing character, and reads back exactly; read, it follows CommonMark's escapes as far as
 * people use them in cells: a backslash before ASCII punctuation, `<br>`, numeric and a few named references.
 */
const ESCAPE = /\\([!-/:-@[-`{-~])|<br[ \t]*\/?>|&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos|nbsp));/gi;

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/** Open pipes, backslashes, tags, and whatever would read as a reference. */
const SYNTAX = /[\\|<\n]|&(?=[a-z#])/gi;
/** What nobody can see or what changes the direction of text: the same characters as in domain/printable.ts. */
const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** `""` in a cell is the empty text, where `-` is no text at all. */
const EMPTY_TEXT = '""';

/** Whether a cell's source means that there is nothing: empty, `-`, a long dash, `none`, `n/a`. */
export function readsAsEmpty(source: string): boolean {
  return source.length <= 4 && /^(?:|-|–|—|none|n\/a)$/i.test(source);
}

/** The text of a cell's source, which was trimmed. Null when the cell is empty. */
export function decodeText(source: string): string | null {
  if (readsAsEmpty(source)) return null;
  if (source === EMPTY_TEXT) return "";
  return unescapeText(source);
}

/** Undoes the escapes; nothing else has a meaning. References to no character stay as they are written. */
export function unescapeText(source: string): string {
  if (!/[\\<&]/.test(source)) return source;
  return source.replace(ESCAPE, (all: string, punctuation?: string, hex?: string, decimal?: string, name?: string) => {
    if (punctuation !== undefined) return punctuation;
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? all;
    if (hex === undefined && decimal === undefined) return "\n";
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    const exists = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return exists ? String.fromCodePoint(code) : all;
  });
}

const reference = (character: string) => `&#x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()};`;

/** Hides the first character from whoever looks for a word or a mark at the start of a cell. */
const escapeFirst = (source: string) => {
  const first = String.fromCodePoint(source.codePointAt(0) ?? 0);
  return (/[!-/:-@[-`{-~]/.test(first) ? `\\${first}` : reference(first)) + source.slice(first.length);
};

/**
 * The source of a cell that reads as this text: {@link decodeText} gives it back exactly. Throws
 * {@link CodecError} `unwritable_text` for NUL and halves of surrogate pairs, which no markdown file can hold.
 */
export function encodeText(text: string): string {
  if (text === "") return EMPTY_TEXT;
  if (text.includes("\0") || /\p{Surrogate}/u.test(text)) {
    throw new CodecError(
      "unwritable_text",
      "A NUL character or half of a surrogate pair cannot be written on the board.",
      [],
    );
  }
  let source = text.replace(SYNTAX, (mark) => (mark === "\n" ? "<br>" : `\\${mark}`)).replace(INVISIBLE, reference);
  if (source.startsWith(" ")) source = reference(" ") + source.slice(1);
  if (source.endsWith(" ")) source = source.slice(0, -1) + reference(" ");
  return readsAsEmpty(source) || source === EMPTY_TEXT ? escapeFirst(source) : source;
}

/** An id, path, date or number as people type it: without the bold or code marks around it. */
export function stripMarks(source: string): string {
  let inner = source;
  for (let depth = 0; depth < 3; depth++) {
    const mark = ["**", "``", "`"].find((each) => inner.startsWith(each) && inner.endsWith(each));
    if (mark === undefined || inner.length <= 2 * mark.length) return inner;
    inner = inner.slice(mark.length, -mark.length).trim();
  }
  return inner;
}

/** Like {@link encodeText}, for what is read with {@link stripMarks}. */
export function encodePlain(text: string): string {
  const source = encodeText(text);
  return /^(?:\*\*|`)/.test(source) ? escapeFirst(source) : source;
}
