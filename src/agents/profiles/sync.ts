import { join, resolve } from "node:path";
import { checkModes, type Mode, type ModesTool } from "../modes/mode.ts";
import { readModes } from "../modes/modes-text.ts";
import { type TextFiles, UnusableFile, type Workshop } from "../ports.ts";
import { type MergeReport, mergeModes } from "./merge.ts";
import { defaultRoot, modesPlace, profileName } from "./place.ts";

export interface SyncWish {
  readonly source: string;
  readonly count: number;
  /** Null: the usual place. */
  readonly root: string | null;
  readonly tool: ModesTool;
}

/** What became of one profile. */
export type ProfileSync = { readonly profile: string; readonly path: string | null } & (
  | ({ readonly change: "created" | "updated" | "unchanged"; readonly migrated: string | null } & MergeReport)
  | { readonly change: "failed"; readonly problems: readonly string[] }
);

export type SyncResult =
  | { readonly ok: true; readonly root: string; readonly profiles: readonly ProfileSync[] }
  /** The source is no use: nothing was looked at. */
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Copies the modes of a file into the profiles `agent1` to `agentN`, merged by slug. Each profile is dealt with by
 * itself: one that fails is left as it was, and the others go on.
 */
export async function syncProfiles(workshop: Workshop, wish: SyncWish): Promise<SyncResult> {
  const source = await readSource(workshop, wish);
  if (!source.ok) return source;
  const root = resolve(workshop.folder, wish.root ?? defaultRoot(workshop.platform, workshop.home));
  const profiles: ProfileSync[] = [];
  for (let number = 1; number <= wish.count; number += 1) {
    profiles.push(await syncOne(workshop, join(root, profileName(number)), source.modes, wish.tool));
  }
  return { ok: true, root, profiles };
}

type Source =
  | { readonly ok: true; readonly modes: readonly Mode[] }
  | { readonly ok: false; readonly problems: readonly string[] };

async function readSource({ files, folder }: Workshop, { source, tool }: SyncWish): Promise<Source> {
  const trouble = (...problems: string[]): Source => ({
    ok: false,
    problems: problems.map((each) => `${source}: ${each}`),
  });
  const text = await attempt(files.read(resolve(folder, source)));
  if (!text.ok) return trouble(text.problem);
  if (text.value === null) return trouble("there is no such file");
  const reading = readModes(text.value);
  if (!reading.ok) return trouble(`${reading.line === null ? "" : `line ${reading.line}: `}${reading.problem}`);
  if (reading.values.length === 0) return trouble("it holds no modes");
  const check = checkModes(reading.values, tool);
  if (!check.ok) return trouble(...check.problems);
  // `source` is what the extension notes down where a mode came from; in a profile it is another.
  return { ok: true, modes: check.modes.map(({ source: _, ...mode }) => mode as unknown as Mode) };
}

async function syncOne(
  { files }: Workshop,
  profile: string,
  modes: readonly Mode[],
  tool: ModesTool,
): Promise<ProfileSync> {
  const failed = (path: string | null, ...problems: string[]): ProfileSync => ({
    profile,
    path,
    change: "failed",
    problems,
  });
  const place = await attempt(modesPlace(files, profile, tool));
  if (!place.ok) return failed(null, `User/settings.json: ${place.problem}`);
  if (!place.value.ok) return failed(null, place.value.problem);
  const { file, older } = place.value;
  const present = await attempt(firstText(files, [file, ...older]));
  if (!present.ok) return failed(file, present.problem);
  const migrated = present.value && present.value.path !== file ? present.value.path : null;
  const merge = mergeModes(present.value?.text ?? "", modes, tool, migrated !== null);
  if (!merge.ok) return failed(migrated ?? file, ...merge.problems);
  const { ok: _, text, ...report } = merge;
  const isNew = present.value === null;
  if (!isNew && migrated === null && text === present.value?.text) {
    return { profile, path: file, change: "unchanged", migrated, ...report };
  }
  const written = await attempt(files.write(file, text));
  if (!written.ok) return failed(file, written.problem);
  return { profile, path: file, change: isNew ? "created" : "updated", migrated, ...report };
}

/** The first of these files that is there. */
async function firstText(files: TextFiles, paths: readonly string[]) {
  for (const path of paths) {
    const text = await files.read(path);
    if (text !== null) return { path, text };
  }
  return null;
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** A file that cannot be read or written is that profile's problem, in words. */
async function attempt<T>(work: Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    if (error instanceof UnusableFile) return { ok: false, problem: error.message };
    if (error instanceof Error && "code" in error) return { ok: false, problem: error.message };
    throw error;
  }
}
