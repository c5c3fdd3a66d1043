/** One `Coord-Key: value` line of a commit message. */
export type Trailer = readonly [key: string, value: string];

// A path may have U+2028 in it, which `.` alone would take for the end of the line; git does not.
const LINE = /^(Coord-[A-Za-z-]+): (.*)$/s;

/**
 * The trailers of a message: the lines `Coord-…: …` of its last paragraph, in order. Lines like that
 * anywhere else are prose (as for `git interpret-trailers`).
 */
export function parseTrailers(message: string): readonly Trailer[] {
  const last =
    withoutLastLines(message)
      .split(/\n[ \t]*\n/)
      .at(-1) ?? "";
  return last.split("\n").flatMap((line): Trailer[] => {
    const match = LINE.exec(line.replace(/\r$/, ""));
    return match?.[1] === undefined ? [] : [[match[1], match[2] ?? ""]];
  });
}

/** Only the empty lines at the end go: a path may end with a space. */
function withoutLastLines(message: string): string {
  const end = message.indexOf("\n", message.trimEnd().length);
  return end === -1 ? message : message.slice(0, end);
}

export function formatTrailers(trailers: readonly Trailer[]): string {
  return trailers.map(([key, value]) => `${key}: ${value}`).join("\n");
}

/** The value of a trailer that must stand there exactly once; null when it is absent or repeated. */
export function single(trailers: readonly Trailer[], key: string): string | null {
  const values = trailers.filter(([name]) => name === key);
  return values.length === 1 ? (values[0]?.[1] ?? null) : null;
}

export function all(trailers: readonly Trailer[], key: string): readonly string[] {
  return trailers.filter(([name]) => name === key).map(([, value]) => value);
}
