import { isDeepStrictEqual } from "node:util";
import { applyEdits, modify } from "jsonc-parser";
import { isMap, isPair, isScalar, isSeq, parseDocument, stringify, type YAMLMap, type YAMLSeq } from "yaml";
import { lineOf } from "../edit.ts";
import type { Mode } from "./mode.ts";

/** A modes file as text and as values. */
export type ModesText =
  | {
      readonly ok: true;
      /** What stands below `customModes`, unchecked. */
      readonly values: readonly unknown[];
      /** The same file with this mode, in the place of the one with its slug or else at the end. */
      put(mode: Mode): string;
      /** The same file without the mode of that slug. */
      take(slug: string): string;
    }
  | { readonly ok: false; readonly line: number | null; readonly problem: string };

/**
 * Reads `.roomodes`, `custom_modes.yaml` and their like: YAML, of which JSON is a part. `put` and `take` change the
 * text of one mode and nothing else: comments, order, quotes and spaces of all others stay.
 */
export function readModes(text: string): ModesText {
  const document = parseDocument(text, { keepSourceTokens: true, uniqueKeys: true });
  const [error] = document.errors;
  if (error)
    return { ok: false, line: lineOf(text, error.pos[0]), problem: `it is no YAML: ${error.message.split("\n")[0]}` };
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return emptyFile(text);
  if (!isMap(root)) return { ok: false, line: 1, problem: "it holds no mapping with the key customModes" };
  const pair = root.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === "customModes");
  const value = pair?.value;
  if (value != null && !isSeq(value) && !(isScalar(value) && value.value === null)) {
    return { ok: false, line: null, problem: "customModes is no list" };
  }
  const whole = toValues(document);
  if (whole === null) return { ok: false, line: null, problem: "its aliases unfold to too much" };
  const values = (whole.customModes ?? []) as readonly unknown[];
  const editor = editorFor(text, isSeq(value) ? value : null);
  const change = (edited: string, expected: readonly unknown[]) =>
    verified(edited, text, { ...whole, customModes: expected });
  return {
    ok: true,
    values,
    put(mode) {
      const index = indexOf(values, mode.slug);
      if (index >= 0 && isDeepStrictEqual(values[index], mode)) return text;
      const expected = index < 0 ? [...values, mode] : values.with(index, mode);
      return change(editor.put(mode, index), expected);
    },
    take(slug) {
      const index = indexOf(values, slug);
      return index < 0 ? text : change(editor.take(index), values.toSpliced(index, 1));
    },
  };
}

/** The same modes as YAML, for a file that had them in another notation. */
export function asYaml(values: readonly unknown[]): string {
  return stringify({ customModes: values }, STYLE);
}

const indexOf = (values: readonly unknown[], slug: string): number =>
  values.findIndex((value) => (value as { slug?: unknown } | null)?.slug === slug);

function emptyFile(text: string): ModesText {
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return {
    ok: true,
    values: [],
    put: (mode) => `${before}${stringify({ customModes: [mode] }, STYLE)}`,
    take: () => text,
  };
}

function editorFor(text: string, sequence: YAMLSeq | null): Editor {
  if (/^\ufeff?\s*\{/.test(text)) return inJson(text);
  return sequence !== null && !sequence.flow && sequence.items.length > 0 ? inBlock(text, sequence) : byRewriting(text);
}

/** Null for a text that means far more than it says. */
function toValues(document: ReturnType<typeof parseDocument>): Record<string, unknown> | null {
  try {
    return document.toJS() as Record<string, unknown>;
  } catch (error) {
    if (error instanceof ReferenceError) return null;
    throw error;
  }
}

/** Roo's own way of writing: long lines stay one line. */
const STYLE = { lineWidth: 0 } as const;

interface Editor {
  /** @param index where the mode stands; -1 when it is new */
  put(mode: Mode, index: number): string;
  take(index: number): string;
}

/** A block sequence: each mode has lines of its own, which are cut and replaced as text. */
function inBlock(text: string, sequence: YAMLSeq): Editor {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const indent = columnOf(text, (sequence.range as [number, number, number])[0]);
  const spans = sequence.items.map((item, index) => {
    const end = (item as YAMLMap).range?.[1] ?? 0;
    return { start: startOfItem(text, sequence, index), end: endOfLine(text, end) };
  });
  const written = (mode: Mode): string =>
    stringify([mode], STYLE)
      .trimEnd()
      .split("\n")
      .map((line) => (line === "" ? line : `${" ".repeat(indent)}${line}`))
      .join(eol) + eol;
  const splice = (start: number, end: number, insert: string): string => {
    const before = text.slice(0, start);
    const gap = insert !== "" && before !== "" && !before.endsWith("\n") ? eol : "";
    return before + gap + insert + text.slice(end);
  };
  return {
    put(mode, index) {
      const span = index >= 0 ? spans[index] : undefined;
      const last = spans.at(-1)?.end ?? text.length;
      return span ? splice(span.start, span.end, written(mode)) : splice(last, last, written(mode));
    },
    take(index) {
      const span = spans[index];
      if (!span) return text;
      // A list with nothing in it is written in the other style.
      if (spans.length > 1) return splice(span.start, span.end, "");
      return byRewriting(text).take(index);
    },
  };
}

/** JSON, which is YAML as well and which the extensions take too. */
function inJson(text: string): Editor {
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? "  ";
  const formattingOptions = {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 4 : indent.length,
  };
  const change = (index: number, value: Mode | undefined) =>
    applyEdits(text, modify(text, ["customModes", index], value, { formattingOptions, isArrayInsertion: index < 0 }));
  return { put: (mode, index) => change(index, mode), take: (index) => change(index, undefined) };
}

/** `customModes: []` and the like: the library writes the list anew; comments stay, spaces may not. */
function byRewriting(text: string): Editor {
  const rewrite = (change: (sequence: YAMLSeq, document: ReturnType<typeof parseDocument>) => void): string => {
    const document = parseDocument(text);
    const present = document.get("customModes");
    const sequence = isSeq(present) ? present : (document.createNode([]) as YAMLSeq);
    document.set("customModes", sequence);
    change(sequence, document);
    sequence.flow = sequence.items.length === 0;
    return document.toString(STYLE);
  };
  return {
    put: (mode, index) =>
      rewrite((sequence, document) => {
        const node = document.createNode(mode);
        if (index < 0) sequence.items.push(node);
        else sequence.items[index] = node;
      }),
    take: (index) => rewrite((sequence) => sequence.items.splice(index, 1)),
  };
}

/** The dash of an item stands before its value, with nothing but spaces and comments between. */
function startOfItem(text: string, sequence: YAMLSeq, index: number): number {
  const token = sequence.srcToken;
  const start =
    token && "items" in token ? token.items[index]?.start.find(({ type }) => type === "seq-item-ind") : undefined;
  const offset = start?.offset ?? 0;
  return text.lastIndexOf("\n", offset) + 1;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

/** The range of a value may end before or after its line break. */
function endOfLine(text: string, offset: number): number {
  if (text[offset - 1] === "\n") return offset;
  const next = text.indexOf("\n", offset);
  return next < 0 ? text.length : next + 1;
}

/** What cannot be changed as text without changing what it means is written anew by the library. */
function verified(edited: string, text: string, wanted: Readonly<Record<string, unknown>>): string {
  const after = parseDocument(edited);
  if (after.errors.length === 0 && isDeepStrictEqual(toValues(after), wanted)) return edited;
  const document = parseDocument(text);
  document.set("customModes", document.createNode(wanted.customModes));
  return document.toString(STYLE);
}
