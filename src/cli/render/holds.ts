import type { Hold, Wait } from "../../app/history.ts";
import { formatInstant, type Instant } from "../../domain/instant.ts";
import { coarse, isoTime } from "./time.ts";

export function holdJson({ resource, holder, fence, from, to, end, granted, ended, endedBy, byHand, reason }: Hold) {
  const times = { from: isoTime(from), to: isoTime(to) };
  return { resource, holder, fence, ...times, end, granted, ended, endedBy, byHand, reason };
}

export function waitJson({ resource, orchestrator, from, to, granted }: Wait) {
  return { resource, orchestrator, from: isoTime(from), to: isoTime(to), granted };
}

/** One line of the table: who held what, from when to when, and how it ended. */
export function holdLine(hold: Hold, now: Instant): string[] {
  const { resource, holder, fence, from, to } = hold;
  const lasted = coarse((to ?? now) - from);
  return [formatInstant(from), lasted, resource, holder, `fence ${fence ?? "-"}`, endWords(hold)];
}

export function endWords({ end, to, endedBy, holder, byHand }: Hold): string {
  const by = endedBy === null || endedBy === holder ? "" : ` by ${endedBy}`;
  const at = to === null ? "" : ` at ${formatInstant(to)}`;
  return `${end}${by}${at}${byHand ? " (by hand)" : ""}`;
}
