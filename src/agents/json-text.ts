import { createScanner, type Node, parseTree } from "jsonc-parser";

/** Changes of a JSON text with comments that leave every other byte as it is. Offsets come from the parser's tree. */

/** The tree of a text that is known to parse. */
export function treeOf(text: string): Node {
  const tree = parseTree(text.replace(/^\ufeff/, " "), [], { allowTrailingComma: true });
  if (tree === undefined) throw new Error("the text was to be checked before");
  return tree;
}

/** The value below a property; undefined when the object has none of that name. */
export function childOf(object: Node, name: string): Node | undefined {
  return propertyOf(object, name)?.children?.[1];
}

const propertyOf = (object: Node, name: string): Node | undefined =>
  object.children?.find((property) => property.children?.[0]?.value === name);

/** Puts a property in as the first one: behind the last there may be a comment that belongs to it. */
export function withProperty(text: string, object: Node, name: string, value: unknown): string {
  const open = object.offset + 1;
  const [first] = object.children ?? [];
  const lead = text.slice(open, first?.offset ?? open);
  if (first !== undefined && !lead.includes("\n")) {
    return `${text.slice(0, open)}${lead}${JSON.stringify(name)}: ${JSON.stringify(value)}, ${text.slice(first.offset)}`;
  }
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
  const outer = indentAt(text, object.offset);
  const inner = first === undefined ? outer + unit : indentAt(text, first.offset);
  const json = JSON.stringify(value, null, unit).replaceAll("\n", eol + inner);
  const property = `${eol}${inner}${JSON.stringify(name)}: ${json}${first === undefined ? "" : ","}`;
  const rest = text.slice(open);
  const isShut = first === undefined && /^[ \t]*\}/.test(rest);
  return text.slice(0, open) + property + (isShut ? eol + outer + rest.trimStart() : rest);
}

/** Takes a property out, with the comma that parted it from its neighbour. */
export function withoutProperty(text: string, object: Node, name: string): string {
  const property = propertyOf(object, name);
  if (property === undefined) return text;
  const end = property.offset + property.length;
  const comma = commaFrom(text, end);
  const siblings = object.children ?? [];
  const previous = siblings[siblings.indexOf(property) - 1];
  const start = property.offset - (/(\r?\n)?[ \t]*$/.exec(text.slice(0, property.offset))?.[0].length ?? 0);
  if (comma !== null) {
    const isInLine = !text.slice(start, property.offset).includes("\n");
    const after = text.slice(comma + 1);
    return isInLine ? text.slice(0, property.offset) + after.replace(/^[ \t]+/, "") : text.slice(0, start) + after;
  }
  const before = previous === undefined ? null : commaFrom(text, previous.offset + previous.length);
  const head = before === null ? text.slice(0, start) : text.slice(0, before) + text.slice(before + 1, start);
  return head + text.slice(end);
}

/** Where the next comma is, if nothing but spaces and comments is in between. */
function commaFrom(text: string, offset: number): number | null {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  const at = scanner.getTokenOffset();
  return text[at] === "," ? at : null;
}

/** Whether a stretch of the text holds a comment. */
export function hasComment(text: string, { offset, length }: Pick<Node, "offset" | "length">): boolean {
  const scanner = createScanner(text, false);
  scanner.setPosition(offset);
  for (scanner.scan(); scanner.getTokenOffset() < offset + length; scanner.scan()) {
    if (text[scanner.getTokenOffset()] === "/") return true;
  }
  return false;
}

function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}
