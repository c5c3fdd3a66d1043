/** What came of an edit: the new text, or why there is none. */
export type EditResult =
  /** Null: there should be no file. */
  | { readonly ok: true; readonly text: string | null }
  | { readonly ok: false; readonly line: number | null; readonly problem: string };

/** One change to a text (null: no file), as a pure function. */
export type Edit = (text: string | null) => EditResult;

/** The line, counted from 1, in which an offset lies. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
