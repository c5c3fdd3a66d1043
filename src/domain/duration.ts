import type { Duration } from "./instant.ts";

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;
const GRAMMAR = /^(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,7})s)?$/;

/** The longest time that anything here may be asked to last: 30 days. */
export const LONGEST: Duration = 30 * UNITS.d;

/**
 * Reads `90s`, `10m`, `2h`, `1h30m` (CLI.md, "Durations"). Returns null for anything else: no unit, no
 * sign, no fraction, no exponent, and nothing that is zero or above {@link LONGEST}.
 */
export function parseDuration(text: string): Duration | null {
  const match = GRAMMAR.exec(text);
  if (!match || text === "") return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((digits) => Number(digits ?? 0));
  const total = days * UNITS.d + hours * UNITS.h + minutes * UNITS.m + seconds * UNITS.s;
  return total > 0 && total <= LONGEST ? total : null;
}

/** The inverse of {@link parseDuration} for whole seconds: `90000` is `1m30s`. Below a second it says `0s`. */
export function formatDuration(duration: Duration): string {
  let rest = Math.max(0, Math.floor(duration / 1000) * 1000);
  let text = "";
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || "0s";
}
