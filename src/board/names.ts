import { shortened } from "../domain/printable.ts";

/**
 * What is compared of a heading, a column's header or a field's name: its letters and digits. Emoji, bold,
 * punctuation, spaces and case do not matter, so `**Locked By**` and `locked-by` are one name (DESIGN 4).
 */
export function nameKey(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "");
}

/** The same for a heading, which may also be numbered: `## 3. Task Queue`. */
export function headingKey(text: string): string {
  return nameKey(text.slice(0, 200)).replace(/^\d+/, "");
}

/** A piece of the board's text inside a message: quoted, printable, and cut when it is long. */
export function quote(text: string): string {
  return `"${shortened(text.slice(0, 200), 60)}"`;
}
