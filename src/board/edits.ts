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
   * @param text of the lines: what nobody touched is copied from it in one piece
   */
  apply(lines: readonly Line[], text: string): string {
    const usual = lines.find(({ eol }) => eol !== "")?.eol ?? "\n";
    const parts: string[] = [];
    const insert = (after: number, eol: string) => {
      for (const line of this.#inserted.get(after) ?? []) parts.push(line, eol);
    };
    insert(-1, usual);
    // Up to where the text was copied, and where the line in hand begins.
    let [copied, at] = [0, 0];
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index] as Line;
      const begin = at;
      at += line.text.length + line.eol.length;
      if (!this.#touches(index)) continue;
      parts.push(text.slice(copied, begin));
      copied = at;
      const eol = line.eol || usual;
      if (!this.#removed.has(index)) parts.push(this.#replaced.get(index) ?? line.text, eol);
      insert(index, eol);
    }
    const changed = parts.join("");
    // The last line had no ending, so what is last now gets none.
    const endsOpen = copied === text.length && lines.at(-1)?.eol === "";
    return endsOpen ? changed.replace(/(?:\r\n|\n|\r)$/, "") : changed + text.slice(copied);
  }

  #touches(line: number): boolean {
    return this.#replaced.has(line) || this.#removed.has(line) || this.#inserted.has(line);
  }
}
