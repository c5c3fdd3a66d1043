import { isDeepStrictEqual } from "node:util";
import { checkModes, type Mode, type ModesTool } from "../modes/mode.ts";
import { asYaml, readModes } from "../modes/modes-text.ts";

export interface MergeReport {
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  /** Modes of the profile's own user. */
  readonly kept: readonly string[];
}

export type Merge =
  | ({ readonly ok: true; readonly text: string } & MergeReport)
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Merges modes into the text of a modes file, by slug.
 * @returns not ok when what is there cannot be read, or holds a mode because of which the extension drops the whole
 *   file: then nothing may be written, for it would not help
 * @param rewrite write all of it as YAML: the text comes from a file in another notation
 */
export function mergeModes(present: string, modes: readonly Mode[], tool: ModesTool, rewrite = false): Merge {
  const reading = readModes(present);
  if (!reading.ok)
    return { ok: false, problems: [`${reading.line === null ? "" : `line ${reading.line}: `}${reading.problem}`] };
  const check = checkModes(reading.values, tool);
  if (!check.ok) return check;
  const before = new Map(check.modes.map((mode) => [mode.slug, mode]));
  const slugs = (wanted: (mode: Mode, old: Mode | undefined) => boolean) =>
    modes.filter((mode) => wanted(mode, before.get(mode.slug))).map(({ slug }) => slug);
  const changed = modes.filter((mode) => !isDeepStrictEqual(mode, before.get(mode.slug)));
  // Each mode that is put into a text costs another reading of it: a new file is written at once.
  const written = (text: string) => (text.trim() === "" ? asYaml(changed) : changed.reduce(putIn, text));
  return {
    ok: true,
    text: written(rewrite ? asYaml(reading.values) : present),
    added: slugs((_, old) => old === undefined),
    updated: slugs((mode, old) => old !== undefined && !isDeepStrictEqual(mode, old)),
    unchanged: slugs((mode, old) => isDeepStrictEqual(mode, old)),
    kept: [...before.keys()].filter((slug) => !modes.some((mode) => mode.slug === slug)),
  };
}

function putIn(text: string, mode: Mode): string {
  const reading = readModes(text);
  if (!reading.ok) throw new Error(`a merged modes file cannot be read: ${reading.problem}`);
  return reading.put(mode);
}
