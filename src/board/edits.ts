import { isBlank, type Line } from "./lines.ts";

/** Changes to a text, line by line. Whatever is not named here stays as it is, byte for byte. */
export class Edits {
  readonly #replaced = new Map<number, string>();
  readonly #removed = new Set<number>();
  readonly #inserted = new Map<number, string[]>();

  replace(line: number, text: string): void {
    this.#replaced.set(line, text);
  }

  remove(line: number): void {
    this.#removed.add(line);
  }

  /** Puts lines behind a line (-1: before the first), after those that were put there earlier. */
  insert(after: number, texts: readonly string[]): void {
    const earlier = this.#inserted.get(after);
    if (earlier) earlier.push(...texts);
    else this.#inserted.set(after, [...texts]);
  }

  /** A line as it will be: for edits that build on each other. */
  current(lines: readonly Line[], line: number): string {
    return this.#replaced.get(line) ?? lines[line]?.text ?? "";
  }

  /** Whether something put behind this line would follow a blank line, or nothing at all. */
  endsBlank(lines: readonly Line[], after: number): boolean {
    return isBlank(this.#inserted.get(after)?.at(-1) ?? lines[after]?.text ?? "");
  }

  /**
   * The text with these changes. New lines end as the line before them does; a text without an ending after
   * its last line stays without one.
   */
  apply(lines: readonly Line[]): string {
    const usual = lines.find(({ eol }) => eol !== "")?.eol ?? "\n";
    let text = "";
    let lastEnding = "";
    const put = (line: string, eol: string) => {
      text += line;
      text += eol;
      lastEnding = eol;
    };
    const insert = (after: number, eol: string) => {
      for (const line of this.#inserted.get(after) ?? []) put(line, eol);
    };
    insert(-1, usual);
    for (let index = 0; index < lines.length; index++) {
      const { eol } = lines[index] as Line;
      if (!this.#removed.has(index)) put(this.current(lines, index), eol || usual);
      insert(index, eol || usual);
    }
    return lines.at(-1)?.eol === "" ? text.slice(0, text.length - lastEnding.length) : text;
  }
}
