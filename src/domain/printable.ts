/**
 * Control characters, bidi controls, zero-width and other invisible characters: a text with one of them can
 * forge what a terminal or a reader sees (FAILURES 33).
 */
const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** The text on one line with every invisible character shown as `\u{202e}`. */
export function printable(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** {@link printable}, cut to at most `limit` characters with an ellipsis. */
export function shortened(text: string, limit: number): string {
  const characters = [...printable(text)];
  return characters.length <= limit ? characters.join("") : `${characters.slice(0, limit - 1).join("")}…`;
}
