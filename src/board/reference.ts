import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import type { LineKind } from "./blocks.ts";
import type { Line } from "./lines.ts";
import { type Budget, makeSkeleton, type Skeleton } from "./skeleton.ts";
import { type Cell, cellBetween, type TableRow, type TableSearch } from "./table.ts";

const parser = unified().use(remarkParse).use(remarkGfm);

type Node = ReturnType<typeof parser.parse>["children"][number];
type TableRowNode = Extract<Node, { type: "table" }>["children"][number];
type TableCellNode = TableRowNode["children"][number];

/**
 * The reference: remark with GFM says which lines of a section are its tables, and where the cells are.
 * The only file that imports remark. Null when the budget for it is spent (skeleton.ts).
 *
 * Only tables of the section itself count, not those inside a list item or a quotation.
 */
export function parseSectionReference(
  lines: readonly Line[],
  kinds: readonly LineKind[],
  start: number,
  end: number,
  budget: Budget,
): TableSearch | null {
  const skeleton = makeSkeleton(lines, kinds, start, end, budget);
  if (skeleton === null) return null;
  const tree = parser.parse(skeleton.text);
  const [first, second] = tree.children.filter((node) => node.type === "table");
  const [header, ...body] = first?.children ?? [];
  if (!header) return { table: null, second: null };
  const rowAt = (line: number, node: TableRowNode | null): TableRow => ({
    line,
    cells: skeleton.cut.get(line) ?? cellsOf(lines[line]?.text ?? "", node),
  });
  const rows = body.flatMap((node) => {
    const [from, to] = originOf(skeleton, node, end);
    return Array.from({ length: to - from }, (_, offset) => rowAt(from + offset, offset === 0 ? node : null));
  });
  return {
    table: { header: rowAt(originOf(skeleton, header, end)[0], header), rows },
    second: second ? originOf(skeleton, second, end)[0] : null,
  };
}

/** The lines that a row of the skeleton stands for: its own, and those left out after it. */
function originOf(
  skeleton: Skeleton,
  node: { readonly position?: TableRowNode["position"] },
  end: number,
): [number, number] {
  const index = (node.position?.start.line ?? 1) - 1;
  return [skeleton.origin[index] ?? 0, skeleton.origin[index + 1] ?? end];
}

/** Cells of a row that does not both begin and end with a pipe. Without any pipe, the whole line is one cell. */
function cellsOf(text: string, node: TableRowNode | null): Cell[] {
  if (node === null || !text.includes("|")) return [cellBetween(text, 0, text.length)];
  return node.children.map((cell) => cellAt(text, cell));
}

/** A cell's node spans from its leading pipe to before the next one, in the last cell to the row's end. */
function cellAt(text: string, node: TableCellNode): Cell {
  const from = (node.position?.start.column ?? 1) - 1;
  const to = (node.position?.end.column ?? 1) - 1;
  const first = node.children.at(0)?.position?.start.column;
  const last = node.children.at(-1)?.position?.end.column;
  if (first !== undefined && last !== undefined) return { start: first - 1, end: last - 1 };
  const source = text.slice(from, to).trimEnd();
  const opened = source.startsWith("|") ? from + 1 : from;
  return { start: opened, end: source.length > 1 && source.endsWith("|") ? from + source.length - 1 : to };
}
