import type { Board, SettingRow } from "./board.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { idKey } from "./identifier.ts";
import type { Duration } from "./instant.ts";
import { formatLockRule, LOCK_RULE_EXPECTED, lockOfSetting, parseLockRule } from "./lock-rule.ts";
import { BUILD, formatResource } from "./resource.ts";

/** What an empty cell of a setting's value means, where it means anything. */
const NONE = "none";

/** Which evidence of an expiry is believed (DESIGN 8). */
export type ClockTrust = "synced" | "none";

/** The board's settings with their defaults filled in. Durations in milliseconds. */
export interface Settings {
  readonly buildLockTime: Duration;
  readonly lockTime: Duration;
  readonly fileLockTime: Duration;
  readonly sessionTime: Duration;
  /** No lease lasts longer than this, however often it is renewed. */
  readonly longestHold: Duration;
  /** How long what was released is kept for the first in line. */
  readonly handOverGrace: Duration;
  readonly clockTrust: ClockTrust;
  readonly clockTolerance: Duration;
  /** How many completed tasks stay on the board; older ones move to the archive. */
  readonly completedShown: number;
  /** Refuse to build on a commit that does not do what it says. */
  readonly strict: boolean;
  /** Whether hooks stop a commit that nobody says who made. */
  readonly requireIdentity: boolean;
  /** What hooks do when they cannot read the board. */
  readonly whenUnsure: "allow" | "refuse";
  /** How old the board may be that a hook on the client goes by, before it asks the remote. */
  readonly boardAge: Duration;
  /** How many pushes a minute the remote bears, all machines together; null: nobody counts. */
  readonly pushBudget: number | null;
}

/** Ranges of finished task ids that have left the board (archived.ts). Kept by the program, in Settings. */
export const ARCHIVED_TASKS = "Archived tasks";

type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

/** One setting: its name on the board, what it is worth when absent, and how its text is read. */
interface Definition<T> {
  readonly name: string;
  readonly initial: T;
  readonly read: (text: string) => Reading<T>;
  readonly show: (value: T) => string;
  readonly meaning: string;
}

const duration = (name: string, initial: string, meaning: string): Definition<Duration> => ({
  name,
  initial: parseDuration(initial) as Duration,
  read: (text) => {
    const value = parseDuration(text);
    return value === null ? { ok: false, expected: "a duration such as 90s, 10m or 1h30m" } : { ok: true, value };
  },
  show: formatDuration,
  meaning,
});

const oneOf = <T extends string>(name: string, words: readonly [T, ...T[]], meaning: string): Definition<T> => ({
  name,
  initial: words[0],
  read: (text) => {
    const value = words.find((word) => word === text.trim().toLowerCase());
    return value === undefined ? { ok: false, expected: `one of ${words.join(", ")}` } : { ok: true, value };
  },
  show: String,
  meaning,
});

const count = (name: string, initial: number, most: number, meaning: string): Definition<number> => ({
  name,
  initial,
  read: (text) =>
    /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= most
      ? { ok: true, value: Number(text) }
      : { ok: false, expected: `a whole number from 1 to ${most}` },
  show: String,
  meaning,
});

const perMinute = (name: string, meaning: string): Definition<number | null> => ({
  name,
  initial: null,
  read: (text) => {
    const words = text.trim().toLowerCase();
    const [, pushes] = /^([1-9]\d{0,2})\/min$/.exec(words) ?? [];
    if (pushes === undefined && words !== NONE) return { ok: false, expected: "none, or a rate such as 6/min" };
    return { ok: true, value: pushes === undefined ? null : Number(pushes) };
  },
  show: (value) => (value === null ? NONE : `${value}/min`),
  meaning,
});

const yesNo = (name: string, meaning: string): Definition<boolean> => {
  const words = oneOf(name, ["no", "yes"], meaning);
  return {
    name,
    initial: false,
    read: (text) => {
      const reading = words.read(text);
      return reading.ok ? { ok: true, value: reading.value === "yes" } : reading;
    },
    show: (value) => (value ? "yes" : "no"),
    meaning,
  };
};

export const SETTINGS: { readonly [K in keyof Settings]: Definition<Settings[K]> } = {
  buildLockTime: duration("Build lock time", "10m", "how long the build lock is held without a renewal"),
  lockTime: duration("Lock time", "10m", "the same for every other named lock"),
  fileLockTime: duration("File lock time", "5m", "the same for file and directory locks"),
  sessionTime: duration("Session time", "15m", "how long a silent orchestrator keeps its tasks"),
  longestHold: duration("Longest hold", "8h", "nothing is held longer than this, however often it is renewed"),
  handOverGrace: duration("Hand-over grace", "20s", "how long a released lock is kept for the first in line"),
  clockTrust: oneOf("Clock trust", ["synced", NONE], "none: a machine's clock alone frees nothing"),
  clockTolerance: duration("Clock tolerance", "30s", "how far the machines' clocks may differ"),
  completedShown: count("Completed shown", 20, 10_000, "completed tasks kept here; older ones go to archive/"),
  strict: yesNo("Strict", "yes: refuse to build on a commit that does not do what it says"),
  requireIdentity: yesNo("Require identity", "yes: hooks stop commits of people without an orchestrator id"),
  whenUnsure: oneOf("When unsure", ["allow", "refuse"], "what hooks do when the board cannot be read"),
  boardAge: duration("Board age", "1m", "how old the board may be that a hook on the client goes by"),
  pushBudget: perMinute(
    "Push budget",
    "pushes that the remote bears, of all machines; renewals wait when it is used up",
  ),
};

type SettingKey = keyof Settings;
const KEYS = Object.keys(SETTINGS) as SettingKey[];

const find = (rows: readonly SettingRow[], name: string): SettingRow | undefined =>
  rows.find((row) => idKey(row.name.trim()) === idKey(name));

/** Which setting a name on the board or the command line means; case does not matter. */
export function settingNamed(name: string): SettingKey | null {
  return KEYS.find((key) => idKey(SETTINGS[key].name) === idKey(name.trim())) ?? null;
}

/** A setting's name and value in the board's own spelling, or what was expected instead of that value. */
export type SettingReading =
  | { readonly ok: true; readonly setting: SettingRow }
  | { readonly ok: false; readonly setting: SettingRow; readonly expected: string };

/** Reads one setting: one of {@link SETTINGS}, or the rule of a named lock (`lock:gpu`). Null for a name that means nothing. */
export function readSetting(name: string, text: string): SettingReading | null {
  const key = settingNamed(name);
  if (key !== null) {
    const setting = { name: SETTINGS[key].name, value: text.trim().toLowerCase() };
    const reading = SETTINGS[key].read(setting.value);
    return reading.ok ? { ok: true, setting } : { ok: false, setting, expected: reading.expected };
  }
  const lock = lockOfSetting(name);
  if (lock === null) return null;
  const rule = parseLockRule(text);
  const setting = { name: formatResource(lock), value: rule ? formatLockRule(rule) : text.trim() };
  return rule ? { ok: true, setting } : { ok: false, setting, expected: LOCK_RULE_EXPECTED };
}

/**
 * What a row of the board says. An empty cell, which people write as `none` or `-` (DESIGN 4), says `none` where that
 * is a value, and otherwise nothing: null, as if the row were absent.
 */
function readRow(key: SettingKey, { value }: SettingRow): Reading<Settings[SettingKey]> | null {
  const { read } = SETTINGS[key];
  const text = value.trim();
  if (text !== "") return read(text);
  const none = read(NONE);
  return none.ok ? none : null;
}

/** What was expected in a row of the board that cannot be read; null for every other row. */
export function expectedInstead(row: SettingRow): string | null {
  const key = settingNamed(row.name);
  const reading = key === null ? readSetting(row.name, row.value) : readRow(key, row);
  return reading === null || reading.ok ? null : reading.expected;
}

/**
 * The settings in force. A row that cannot be read counts as absent here; consistency.ts reports it, and
 * a board with such a row is not written to.
 */
export function readSettings({ settings }: Pick<Board, "settings">): Settings {
  const known = read.get(settings);
  if (known) return known;
  const value = <K extends SettingKey>(key: K): Settings[K] => {
    const row = find(settings, SETTINGS[key].name);
    const reading = row && (readRow(key, row) as Reading<Settings[K]> | null);
    return reading?.ok ? reading.value : (SETTINGS[key].initial as Settings[K]);
  };
  const all = Object.fromEntries(KEYS.map((key) => [key, value(key)])) as unknown as Settings;
  read.set(settings, all);
  return all;
}

/** By the rows that they were read from: one decision asks many times. */
const read = new WeakMap<Board["settings"], Settings>();

/**
 * The rows that a new board starts with: every setting at its default, so that people see what can be changed. `none` is
 * an empty cell: as a text it would have to be escaped, and whoever copies what is shown would write something else.
 */
export function initialSettings(): SettingRow[] {
  const show = <K extends SettingKey>(key: K) => {
    const text = SETTINGS[key].show(SETTINGS[key].initial);
    return text === NONE ? "" : text;
  };
  const build = { name: formatResource(BUILD), value: formatLockRule(BUILD_RULE) };
  return [...KEYS.map((key) => ({ name: SETTINGS[key].name, value: show(key) })), build];
}

/** What `build` is declared as from the start. */
const BUILD_RULE = { slots: 1, scope: "fleet" } as const;

/** Replaces the row of that name, or adds one. */
export function withSetting(rows: readonly SettingRow[], name: string, value: string): readonly SettingRow[] {
  const old = find(rows, name);
  if (!old) return [...rows, { name, value }];
  return rows.map((row) => (row === old ? { ...row, value } : row));
}

export function settingText(board: Board, name: string): string | null {
  return find(board.settings, name)?.value ?? null;
}

/** The row with the word that its empty cell stands for. */
export function inWords(row: SettingRow): SettingRow {
  const key = settingNamed(row.name);
  return row.value.trim() === "" && key !== null && readRow(key, row)?.ok ? { ...row, value: NONE } : row;
}

/** Whether the board says this already, in these words or with an empty cell for them. */
export function isWritten({ settings }: Board, { name, value }: SettingRow): boolean {
  const row = find(settings, name);
  return row !== undefined && inWords(row).value === value;
}

/** Every setting with the value in force and what it means. */
export function listSettings(board: Board): readonly (SettingRow & { readonly meaning: string })[] {
  const inForce = readSettings(board);
  const line = <K extends SettingKey>(key: K) => {
    const { name, show, meaning } = SETTINGS[key];
    return { name, value: show(inForce[key]), meaning };
  };
  return [...KEYS.map((key) => line(key)), ...lockRules(board)];
}

/** The locks that Settings declare; `build` is there in any case. */
function lockRules(board: Board): readonly (SettingRow & { readonly meaning: string })[] {
  const declared = board.settings.flatMap(({ name, value }) => {
    const reading = settingNamed(name) === null ? readSetting(name, value) : null;
    return reading ? [reading.setting] : [];
  });
  const build = { name: formatResource(BUILD), value: formatLockRule(BUILD_RULE) };
  const rows = declared.some(({ name }) => idKey(name) === idKey(build.name)) ? declared : [build, ...declared];
  return rows.map((row) => ({ ...row, meaning: "how many hold it at once, in the whole fleet or on each host" }));
}
