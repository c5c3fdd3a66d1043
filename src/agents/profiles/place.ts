import { isAbsolute, join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import type { ModesTool } from "../modes/mode.ts";
import type { TextFiles } from "../ports.ts";

/** Where an extension keeps its files below a user-data folder, and the section of its settings. */
const EXTENSIONS: Readonly<Record<ModesTool, { readonly storage: string; readonly section: string }>> = {
  roo: { storage: "rooveterinaryinc.roo-cline", section: "roo-cline" },
  zoo: { storage: "zoocodeorganization.zoo-code", section: "zoo-code" },
  kilo: { storage: "kilocode.kilo-code", section: "kilo-code" },
};

/** Today's name first; the others are those of earlier versions, the newest first. */
const MODES_FILE = "custom_modes.yaml";
const OLDER_FILES = ["custom_modes.json", "cline_custom_modes.json"];

export type Place =
  | { readonly ok: true; readonly file: string; readonly older: readonly string[] }
  | { readonly ok: false; readonly problem: string };

/** A name for the N-th profile: its folder below the root, and the branch of its worktree. */
export const profileName = (number: number): string => `agent${number}`;

/** Where many profiles are kept when nobody says otherwise. Short: macOS allows 103 characters for a socket's path. */
export function defaultRoot(platform: NodeJS.Platform, home: string): string {
  return platform === "win32" ? "C:\\VsCodeAgents" : join(home, "VsCodeAgents");
}

/**
 * The modes file of one profile. A storage path that its user has set in VS Code's settings counts.
 * @throws UnusableFile when those settings cannot be read
 */
export async function modesPlace(files: TextFiles, profile: string, tool: ModesTool): Promise<Place> {
  const { storage, section } = EXTENSIONS[tool];
  const settings = await files.read(join(profile, "User", "settings.json"));
  const custom = customStorage(settings, `${section}.customStoragePath`);
  if (!custom.ok) return custom;
  if (custom.path !== null && !isAbsolute(custom.path)) {
    return { ok: false, problem: `${section}.customStoragePath is not absolute: ${custom.path}` };
  }
  const folder = join(custom.path ?? join(profile, "User", "globalStorage", storage), "settings");
  return { ok: true, file: join(folder, MODES_FILE), older: OLDER_FILES.map((name) => join(folder, name)) };
}

type CustomStorage =
  | { readonly ok: true; readonly path: string | null }
  | { readonly ok: false; readonly problem: string };

function customStorage(settings: string | null, key: string): CustomStorage {
  if (settings === null || settings.trim() === "") return { ok: true, path: null };
  const errors: ParseError[] = [];
  const values: unknown = parse(settings.replace(/^\ufeff/, ""), errors, { allowTrailingComma: true });
  // VS Code takes what it can of broken settings; we must not guess where the modes are.
  if (errors.length > 0) return { ok: false, problem: "its User/settings.json is no JSON" };
  const value = (values as Record<string, unknown> | null)?.[key];
  return { ok: true, path: typeof value === "string" && value !== "" ? value : null };
}
