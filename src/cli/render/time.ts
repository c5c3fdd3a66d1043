import { formatDuration } from "../../domain/duration.ts";
import { formatInstant, type Instant } from "../../domain/instant.ts";

/** ISO 8601 for JSON: null stays null. */
export function isoTime(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}

/** `14:40:00Z`, or the whole date when it is not within a day of `now`. */
export function clockTime(at: Instant, now: Instant): string {
  const text = formatInstant(at);
  return Math.abs(at - now) < 86_400_000 ? text.slice(11) : text;
}

/** `14:40:00Z (8m12s left)`, `14:40:00Z (3m ago)`. */
export function deadline(at: Instant | null, now: Instant): string {
  if (at === null) return "no end";
  const left = at - now;
  const distance = coarse(Math.abs(left));
  return `${clockTime(at, now)} (${left >= 0 ? `${distance} left` : `over for ${distance}`})`;
}

/** A duration to at most two units: nobody needs the seconds of two hours. */
export function coarse(milliseconds: number): string {
  const parts = formatDuration(milliseconds).match(/\d+[dhms]/g) ?? ["0s"];
  return parts.slice(0, 2).join("");
}
