import type { LineKind } from "./blocks.ts";
import { LIMITS } from "./limits.ts";
import { isBlank, type Line } from "./lines.ts";
import { type Cell, isDelimiterLike, splitRow } from "./table.ts";

/**
 * A section, reduced to what decides where its tables are. The reference parser takes half a minute for
 * 64 KiB of `*a_ ` and seconds for thousands of plain rows, and none of that is needed to find a table:
 *
 * - what stands inside a line is replaced by `x`, only open pipes, dashes, colons and spaces stay;
 * - code and HTML become empty headings, which end a paragraph or a table just as they do;
 * - a row `| a | b |` is cut by {@link splitRow} and becomes `|x|x|`; in a run of such rows all have the
 *   fate of the first (only the last could be the header of a table), so those between are left out;
 * - so are repetitions of the same prose line after the second.
 */
export interface Skeleton {
  readonly text: string;
  /** For each line of `text`: the index of the line it stands for. Lines left out follow the one before. */
  readonly origin: readonly number[];
  /** The cells of rows that were cut here, by index. Columns of other lines with pipes are as in the original. */
  readonly cut: ReadonlyMap<number, readonly Cell[]>;
}

/** How much of a section's text the board may still give to the reference parser. */
export interface Budget {
  lines: number;
  text: number;
}

export const newBudget = (): Budget => ({ lines: LIMITS.referenceLines, text: LIMITS.referenceText });

/** What can open or continue a block at the start of a line: indents, quotes, list items, headings, rules. */
const OPENING = /^[ \t>*+\-#=_\d.)]{1,12}/;

function neutralise(text: string): string {
  const opening = OPENING.exec(text)?.[0] ?? "";
  const rest = text.slice(opening.length);
  if (text.includes("|") || isDelimiterLike(text))
    return opening + rest.replace(/\\[\\|]/g, "xx").replace(/[^| \t:-]/g, "x");
  return rest === "" ? opening : `${opening}x`;
}

function reduceLine(text: string, kind: LineKind, cells: readonly Cell[] | undefined): string {
  if (isBlank(text)) return "";
  if (kind !== "text") return "#";
  if (cells === undefined) return neutralise(text);
  return isDelimiterLike(text) ? text.replace(/-+/g, "-").replace(/[ \t]+/g, " ") : `|${"x|".repeat(cells.length)}`;
}

/** Null when more is left than the budget allows: too much text that is neither row nor plain prose. */
export function makeSkeleton(
  lines: readonly Line[],
  kinds: readonly LineKind[],
  start: number,
  end: number,
  budget: Budget,
): Skeleton | null {
  const kept: string[] = [];
  const origin: number[] = [];
  const cut = new Map<number, readonly Cell[]>();
  const inRun = (index: number) => cut.has(index) && !isDelimiterLike(lines[index]?.text ?? "");
  for (let index = start; index < end; index++) {
    const text = lines[index]?.text ?? "";
    const cells = kinds[index] === "text" ? splitRow(text) : null;
    if (cells) cut.set(index, cells);
  }
  let previous: string | null = null;
  let repeated = 0;
  for (let index = start; index < end; index++) {
    if (inRun(index - 1) && inRun(index) && inRun(index + 1)) continue;
    const text = lines[index]?.text ?? "";
    const cells = cut.get(index);
    if (cells === undefined && text.length > budget.text) return null;
    const isProse = kinds[index] !== "text" || !text.includes("|");
    const reduced = reduceLine(text, kinds[index] ?? "text", cells);
    // An underline of `=` alternates between heading and paragraph; everything else repeats itself.
    repeated = isProse && reduced === previous && /^$|[x#]/.test(reduced) ? repeated + 1 : 0;
    previous = reduced;
    if (repeated >= 2) continue;
    budget.lines -= 1;
    budget.text -= reduced.length;
    if (budget.lines < 0 || budget.text < 0) return null;
    kept.push(reduced);
    origin.push(index);
  }
  return { text: kept.join("\n"), origin, cut };
}
