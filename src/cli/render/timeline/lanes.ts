import type { Hold, Timeline, Wait } from "../../../app/history.ts";
import { formatInstant, type Instant } from "../../../domain/instant.ts";
import { printable } from "../../../domain/printable.ts";
import { endWords } from "../holds.ts";
import { coarse } from "../time.ts";

/** One interval as it is drawn. */
export interface Bar {
  readonly from: Instant;
  readonly to: Instant;
  readonly label: string;
  /** Degrees on the colour wheel: each orchestrator of the picture has its own. */
  readonly hue: number;
  readonly look: "hold" | "wait";
  readonly mark: "taken" | "broken" | "expired" | null;
  readonly isOpen: boolean;
  /** Everything about it, several lines. */
  readonly details: string;
}

/** One line of the picture. */
export interface Lane {
  /** Empty for further lines of the same resource. */
  readonly name: string;
  readonly bars: readonly Bar[];
}

export interface Group {
  readonly title: string;
  readonly lanes: readonly Lane[];
  readonly holds: number;
}

export interface Picture {
  readonly from: Instant;
  readonly to: Instant;
  readonly groups: readonly Group[];
  readonly ticks: readonly { readonly at: Instant; readonly label: string }[];
  readonly holders: readonly { readonly name: string; readonly hue: number }[];
}

const TITLES = { lock: "Locks", task: "Tasks", file: "Files" } as const;

/** Arranges holds and waits: grouped by kind, one lane for each resource, more where several hold or wait at once. */
export function arrange({ holds, waits, since, end: now }: Timeline): Picture {
  const from = since ?? holds.reduce((first, hold) => Math.min(first, hold.from), now);
  const latest = [...holds, ...waits].reduce((last, { to }) => Math.max(last, to ?? now), from);
  // Not up to now when everything ended long ago.
  const to = Math.max(Math.min(now, latest + (latest - from) / 50), from + 1000);
  const names = [...new Set([...holds.map((hold) => hold.holder), ...waits.map((wait) => wait.orchestrator)])];
  // The golden angle keeps neighbours apart, however many there are.
  const hues = new Map(names.sort(naturally).map((name, index) => [name, Math.round(index * 137.508 + 210) % 360]));
  const groups = (["lock", "task", "file"] as const).map((kind) => {
    const own = holds.filter((hold) => hold.kind === kind);
    const lines = waits.filter(({ resource }) => resource.startsWith(`${kind}:`));
    const resources = [...new Set([...own, ...lines].map(({ resource }) => resource))].sort(naturally);
    const lanes = resources.flatMap((name) => {
      const bars = [
        ...own.filter(({ resource }) => resource === name).map((hold) => holdBar(hold, hues, now)),
        ...lines.filter(({ resource }) => resource === name).map((wait) => waitBar(wait, hues, now)),
      ];
      return stack(bars).map((each, index) => ({
        name: index === 0 ? printable(name.slice(kind.length + 1)) : "",
        bars: each,
      }));
    });
    return { title: TITLES[kind], lanes, holds: own.length };
  });
  const holders = names.map((name) => ({ name: printable(name), hue: hues.get(name) ?? 0 }));
  return { from, to, groups: groups.filter(({ lanes }) => lanes.length > 0), ticks: ticksOf(from, to), holders };
}

const naturally = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

/** Bars that overlap go below each other. */
function stack(bars: readonly Bar[]): Bar[][] {
  const lanes: Bar[][] = [];
  for (const bar of [...bars].sort((a, b) => a.from - b.from)) {
    const free = lanes.find((lane) => (lane.at(-1)?.to ?? 0) <= bar.from);
    if (free) free.push(bar);
    else lanes.push([bar]);
  }
  return lanes;
}

function holdBar(hold: Hold, hues: Hues, now: Instant): Bar {
  const { resource, holder, fence, from, to, end, granted, reason } = hold;
  const lines = [
    `${resource}: ${holder}, fence ${fence ?? "-"}`,
    `${formatInstant(from)} to ${to === null ? "now" : formatInstant(to)} (${coarse((to ?? now) - from)})`,
    endWords(hold),
    ...(reason === null ? [] : [`reason: ${reason}`]),
    ...(granted === null ? [] : [`granted in commit ${granted.slice(0, 12)}`]),
    ...(hold.ended === null ? [] : [`ended in commit ${hold.ended.slice(0, 12)}`]),
  ];
  return {
    ...{ from, to: to ?? now, label: printable(holder), hue: hues.get(holder) ?? 0, look: "hold", isOpen: to === null },
    mark: end === "taken" || end === "broken" || end === "expired" ? end : null,
    details: lines.map(printable).join("\n"),
  };
}

function waitBar({ resource, orchestrator, from, to, granted }: Wait, hues: Hues, now: Instant): Bar {
  const end =
    to === null ? "still waiting" : granted ? `got it at ${formatInstant(to)}` : `gave up at ${formatInstant(to)}`;
  const details = [`${resource}: ${orchestrator} waits`, `from ${formatInstant(from)}`, end].map(printable).join("\n");
  const label = printable(orchestrator);
  return {
    from,
    to: to ?? now,
    label,
    hue: hues.get(orchestrator) ?? 0,
    look: "wait",
    mark: null,
    isOpen: to === null,
    details,
  };
}

type Hues = ReadonlyMap<string, number>;

const MINUTE = 60_000;
const STEPS = [1000, 5000, 15_000, 30_000, ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((n) => n * MINUTE)];
const DAY = 24 * 60 * MINUTE;

/** At most a dozen times, at round numbers. */
function ticksOf(from: Instant, to: Instant): Picture["ticks"] {
  const span = to - from;
  const step = STEPS.find((each) => span / each <= 10) ?? Math.max(1, Math.ceil(span / DAY / 10)) * DAY;
  const ticks: { at: Instant; label: string }[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push({ at, label: tickLabel(at, step) });
  return ticks;
}

function tickLabel(at: Instant, step: number): string {
  const text = new Date(at).toISOString();
  const isMidnight = at % DAY === 0;
  if (step >= DAY || isMidnight) return text.slice(0, 10);
  return step < MINUTE ? text.slice(11, 19) : text.slice(11, 16);
}
