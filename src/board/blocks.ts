import { isBlank, isRowLike, type Line } from "./lines.ts";

/** What a line belongs to. Headings and tables exist only in `text`; merge markers count outside of `fence`. */
export type LineKind = "text" | "fence" | "html";

export interface Blocks {
  readonly kinds: readonly LineKind[];
  /** The first line (0-based) of a block that swallows the rest of the text, because nothing closes it. */
  readonly unclosed: { readonly line: number; readonly kind: "fence" | "html"; readonly end: string } | null;
}

/** An open block, and whether a line ends it: with that line, before it, or not at all. */
interface OpenBlock {
  readonly kind: "fence" | "html";
  readonly line: number;
  readonly ends: (text: string) => "with" | "before" | null;
  /** What would close it; null when a blank line or the end of its list item does. */
  readonly end: string | null;
}

const FENCE = /^ {0,3}((?:[-+*]|\d{1,9}[.)]) {1,4})?(`{3,}(?=[^`]*$)|~{3,})/;

/** CommonMark 4.6, start conditions 1 to 5: these run to their end mark, over blank lines and headings. */
const MARKED: readonly { readonly start: RegExp; readonly stop: RegExp; readonly end: string }[] = [
  { start: /^ {0,3}<!--/, stop: /-->/, end: "-->" },
  { start: /^ {0,3}<\?/, stop: /\?>/, end: "?>" },
  { start: /^ {0,3}<!\[CDATA\[/, stop: /\]\]>/, end: "]]>" },
  { start: /^ {0,3}<![A-Za-z]/, stop: />/, end: ">" },
  {
    start: /^ {0,3}<(?:script|pre|style|textarea)(?:[\s>]|$)/i,
    stop: /<\/(?:script|pre|style|textarea)>/i,
    end: "its closing tag",
  },
];

/** Start condition 6: ends before a blank line. */
const ELEMENT =
  /^ {0,3}<\/?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:[\s>]|\/>|$)/i;

/** Start condition 7: one whole tag alone on its line; cannot interrupt a paragraph. */
const TAG =
  /^ {0,3}<(?:\/[A-Za-z][A-Za-z0-9-]*\s*|[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*\s*\/?)>\s*$/;

function openFence(text: string, line: number): OpenBlock | null {
  const match = FENCE.exec(text);
  if (!match) return null;
  const [, item = "", marks = ""] = match;
  const closes = (next: string) => {
    const trimmed = next.trim();
    return trimmed.length >= marks.length && trimmed === marks.charAt(0).repeat(trimmed.length);
  };
  const ends = (next: string) => {
    // A fence that opens on the line of a list item ends with that item.
    if (item !== "" && !isBlank(next) && !/^[ \t]{2}/.test(next)) return "before";
    return closes(next) && (item !== "" || /^ {0,3}\S/.test(next)) ? "with" : null;
  };
  return { kind: "fence", line, ends, end: item === "" ? marks : null };
}

function openHtml(text: string, line: number, afterParagraph: boolean): OpenBlock | null {
  if (!/^ {0,3}</.test(text)) return null;
  const marked = MARKED.find(({ start }) => start.test(text));
  if (marked) return { kind: "html", line, ends: (next) => (marked.stop.test(next) ? "with" : null), end: marked.end };
  const isTag = () => !afterParagraph && text.length < 1000 && TAG.test(text);
  if (!ELEMENT.test(text) && !isTag()) return null;
  return { kind: "html", line, ends: (next) => (isBlank(next) ? "before" : null), end: null };
}

/** Finds the code fences and HTML blocks of a text, in one pass, by the rules of CommonMark 4.5 and 4.6. */
export function findBlocks(lines: readonly Line[]): Blocks {
  const kinds: LineKind[] = [];
  let open = null as OpenBlock | null;
  for (let index = 0; index < lines.length; index++) {
    const text = lines[index]?.text ?? "";
    if (open === null && isRowLike(text)) {
      kinds.push("text");
      continue;
    }
    const ends = open?.ends(text);
    if (open && ends !== "before") {
      kinds.push(open.kind);
      if (ends === "with") open = null;
      continue;
    }
    const before = lines[index - 1]?.text ?? "";
    const afterParagraph = !isBlank(before) && kinds[index - 1] === "text" && !/^ {0,3}[|#]/.test(before);
    open = openFence(text, index) ?? openHtml(text, index, afterParagraph);
    kinds.push(open?.kind ?? "text");
    // `<!-- all on one line -->`
    if (open?.kind === "html" && open.ends(openingRest(text)) === "with") open = null;
  }
  const unclosed = open?.end ? { line: open.line, kind: open.kind, end: open.end } : null;
  return { kinds, unclosed };
}

/** The opening line without its start mark, so that `<!-->` closes itself only as CommonMark says. */
function openingRest(text: string): string {
  return text.trimStart().slice(2);
}
