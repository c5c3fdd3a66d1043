import type { Edits } from "./edits.ts";
import type { Entry } from "./entries.ts";
import { isBlank, type Line } from "./lines.ts";
import { FIELD_COLUMNS, SECTIONS, type SectionId, type SectionShape } from "./sections.ts";
import type { Section } from "./split.ts";
import { buildLockRows } from "./write-build.ts";
import { cellText, headText, rowText } from "./write-row.ts";

/** The lines of a new table with these entries. */
export function tableLines(shape: SectionShape, entries: readonly Entry[]): string[] {
  if (shape.id === "buildLock") return [...headText(FIELD_COLUMNS), ...entries.flatMap(buildLockRows)];
  const row = (entry: Entry) => rowText(shape.columns.map((column) => cellText(entry, column)));
  return [...headText(shape.columns), ...entries.map(row)];
}

/** Gives a table to a section that has its heading only. */
export function addTable(section: Section, entries: readonly Entry[], lines: readonly Line[], edits: Edits): void {
  const next = lines[section.start];
  const behind = next !== undefined && !isBlank(next.text) ? [""] : [];
  edits.insert(section.start - 1, ["", ...tableLines(section.shape, entries), ...behind]);
}

/** Adds a whole section: behind the last of those that come before it on a board, else before the first there is. */
export function addSection(
  shape: SectionShape,
  entries: readonly Entry[],
  sections: ReadonlyMap<SectionId, Section>,
  lines: readonly Line[],
  edits: Edits,
): void {
  const earlier = SECTIONS.slice(0, SECTIONS.indexOf(shape)).flatMap(({ id }) => sections.get(id) ?? []);
  const first = Math.min(...[...sections.values()].map(({ heading }) => heading));
  const after = earlier.length > 0 ? Math.max(...earlier.map(({ end }) => end)) - 1 : first - 1;
  const before = edits.endsBlank(lines, after) ? [] : [""];
  const behind = after + 1 < lines.length ? [""] : [];
  edits.insert(after, [...before, `## ${shape.title}`, "", ...tableLines(shape, entries), ...behind]);
}
