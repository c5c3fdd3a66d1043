import { findBlocks, type LineKind } from "./blocks.ts";
import { isBlank, isRowLike, type Line } from "./lines.ts";
import { headingKey, quote } from "./names.ts";
import type { Report } from "./report.ts";
import { SECTIONS, type SectionId, type SectionShape, sectionNamed } from "./sections.ts";

/** One known section: the heading's first line, the lines `start` to before `end` under it. */
export interface Section {
  readonly shape: SectionShape;
  readonly heading: number;
  readonly start: number;
  readonly end: number;
}

export interface Split {
  readonly kinds: readonly LineKind[];
  readonly sections: ReadonlyMap<SectionId, Section>;
}

/** The newest format of the board that this program reads and writes. */
export const FORMAT = 1;

interface Heading {
  readonly line: number;
  readonly start: number;
  readonly shape: SectionShape | null;
}

const ATX = /^ {0,3}(#{1,6})(?:[ \t]|$)/;

/** The name key of a paragraph of one line that stands alone, as the text of an underlined heading does. */
function titleAbove(lines: readonly Line[], kinds: readonly LineKind[], underline: number): string | null {
  const text = lines[underline - 1]?.text ?? "";
  const isParagraph =
    kinds[underline - 1] === "text" && /^ {0,3}[^\s|>#]/.test(text) && !/^ {0,3}(?:[-+*]|\d+[.)])[ \t]/.test(text);
  return isParagraph && isBlank(lines[underline - 2]?.text ?? "") ? headingKey(text) : null;
}

/** The lines that do not begin with a pipe: headings, marks and prose, and not the rows of a large board. */
function linesOfProse(lines: readonly Line[]): readonly number[] {
  const found: number[] = [];
  for (const [index, { text }] of lines.entries()) if (!isRowLike(text)) found.push(index);
  return found;
}

/**
 * The heading that starts in a line, if it divides sections: level 1 or 2. An underline of dashes under
 * other words than a section's name is taken for a rule, as people mean it.
 */
function headingAt(lines: readonly Line[], kinds: readonly LineKind[], line: number): Heading | null {
  const text = lines[line]?.text ?? "";
  if (kinds[line] !== "text") return null;
  const level = ATX.exec(text)?.[1]?.length;
  if (level !== undefined) {
    const shape = level === 2 ? sectionNamed(headingKey(text)) : null;
    return level <= 2 ? { line, start: line + 1, shape } : null;
  }
  const underline = /^ {0,3}(=+|-+)[ \t]*$/.exec(lines[line + 1]?.text ?? "")?.[1];
  if (underline === undefined || kinds[line + 1] !== "text") return null;
  const key = titleAbove(lines, kinds, line + 1);
  const shape = key === null ? null : sectionNamed(key);
  return key !== null && (shape !== null || underline.startsWith("=")) ? { line, start: line + 2, shape } : null;
}

/**
 * Finds the known sections. Reports what makes their borders doubtful: an unclosed code block or comment,
 * merge-conflict markers, a heading that stands twice or where it does not count.
 */
export function splitSections(lines: readonly Line[], report: Report): Split {
  const { kinds, unclosed } = findBlocks(lines);
  const prose = linesOfProse(lines);
  const newest = formatOf(lines, kinds, prose);
  if (newest > FORMAT) {
    report.problem(
      null,
      "format_too_new",
      `This board is in format ${newest}; this version of git-coord knows formats up to ${FORMAT}. Install a version that knows format ${newest}.`,
    );
    return { kinds, sections: new Map() };
  }
  if (unclosed) {
    const what = unclosed.kind === "fence" ? "code block" : "HTML block or comment";
    report.problem(
      unclosed.line,
      "unclosed_block",
      `The ${what} that begins here is never closed, so it swallows the rest of the board. Close it with ${unclosed.end}.`,
    );
  }
  const conflicts = prose.filter((line) => isConflictMarker(lines, kinds, line));
  for (const line of conflicts) {
    const mark = quote(lines[line]?.text ?? "");
    report.problem(
      line,
      "merge_conflict",
      `${mark} is the mark of an unresolved merge. Decide which rows count, and remove the marks.`,
    );
  }
  if (conflicts.length > 0) return { kinds, sections: new Map() };
  const headings = prose.flatMap((line) => headingAt(lines, kinds, line) ?? []);
  const sections = collect(headings, lines.length, report);
  if (sections.size === 0 && !unclosed) {
    const names = SECTIONS.map((shape) => `## ${shape.title}`).join(", ");
    report.problem(null, "not_a_board", `None of the board's sections was found. Their headings are: ${names}.`);
  }
  reportHidden(lines, kinds, prose, sections, report);
  return { kinds, sections };
}

function collect(headings: readonly Heading[], end: number, report: Report): ReadonlyMap<SectionId, Section> {
  const sections = new Map<SectionId, Section>();
  for (const [index, { line, start, shape }] of headings.entries()) {
    if (!shape) continue;
    const earlier = sections.get(shape.id);
    if (earlier) {
      report.problem(
        line,
        "duplicate_section",
        `The section ${shape.title} stands here and in line ${earlier.heading + 1}. Move the rows into one table and remove the other heading.`,
      );
    } else {
      sections.set(shape.id, { shape, heading: line, start, end: headings[index + 1]?.line ?? end });
    }
  }
  return sections;
}

/** The N of `<!-- git-coord board format N -->`; 1 for boards without it, such as those of the original system. */
function formatOf(lines: readonly Line[], kinds: readonly LineKind[], prose: readonly number[]): number {
  let newest = 1;
  for (const index of prose) {
    const text = lines[index]?.text ?? "";
    const match = kinds[index] === "html" ? /^ {0,3}<!--\s*git-coord board format (\d{1,9})\s*-->/i.exec(text) : null;
    if (match) newest = Math.max(newest, Number(match[1]));
  }
  return newest;
}

/** A mark that git leaves in a file, also in a comment; seven `=` may also underline a title. */
function isConflictMarker(lines: readonly Line[], kinds: readonly LineKind[], line: number): boolean {
  const text = lines[line]?.text ?? "";
  if (kinds[line] === "fence") return false;
  return /^(?:<{7}|>{7})(?: |$)/.test(text) || (/^={7}$/.test(text) && titleAbove(lines, kinds, line) === null);
}

/** A heading in a code block, in a comment or of another level is no section; if there is no other, say so. */
function reportHidden(
  lines: readonly Line[],
  kinds: readonly LineKind[],
  prose: readonly number[],
  sections: ReadonlyMap<SectionId, Section>,
  report: Report,
): void {
  for (const line of prose) {
    const text = lines[line]?.text ?? "";
    const level = ATX.exec(text)?.[1]?.length;
    const shape = level === undefined ? null : sectionNamed(headingKey(text));
    if (!shape || sections.has(shape.id)) continue;
    const why =
      kinds[line] === "text"
        ? `is not of level 2 (## ${shape.title})`
        : "stands in a code block, an HTML block or a comment";
    report.warning(line, "hidden_section", `The heading ${shape.title} ${why}, so it is not read.`);
  }
}
