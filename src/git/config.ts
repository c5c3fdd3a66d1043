import type { ConfigEntry } from "./commands/list-config.ts";

/** The user's git settings, as they held when the repository was found. */
export class Config {
  constructor(readonly entries: readonly ConfigEntry[]) {}

  /** The strongest value; null when there is none. @param key in git's spelling: `coord.id`, `remote.origin.pushurl` */
  get(key: string): string | null {
    return this.all(key).at(-1) ?? null;
  }

  all(key: string): string[] {
    const wanted = canonicalKey(key);
    return this.entries.filter((entry) => entry.key === wanted).map((entry) => entry.value);
  }

  /** Names of all configured remotes, in the order in which they are written. */
  remotes(): string[] {
    const names = this.entries.flatMap(({ key }) => /^remote\.(.+)\.(?:url|pushurl)$/s.exec(key)?.[1] ?? []);
    return [...new Set(names)];
  }
}

/** Section and variable are compared without case, what is between them with case. */
function canonicalKey(key: string): string {
  const first = key.indexOf(".");
  const last = key.lastIndexOf(".");
  return key.slice(0, first).toLowerCase() + key.slice(first, last) + key.slice(last).toLowerCase();
}

/** As git reads a setting that is true or false. Null: it is neither. */
export function readBoolean(value: string): boolean | null {
  if (/^(true|yes|on|[1-9]\d*)$/i.test(value)) return true;
  return /^(false|no|off|0*)$/i.test(value) ? false : null;
}
