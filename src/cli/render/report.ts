import type { Report, Tally } from "../../app/history.ts";
import { table } from "./table.ts";
import { coarse } from "./time.ts";

const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000);

function tallyJson<T extends Tally>({ held, longestHold, waited, longestWait, ...counts }: T) {
  return {
    ...counts,
    heldSeconds: seconds(held),
    meanHoldSeconds: counts.holds === 0 ? 0 : seconds(held / counts.holds),
    longestHoldSeconds: seconds(longestHold),
    waitedSeconds: seconds(waited),
    longestWaitSeconds: seconds(longestWait),
  };
}

export function reportJson({ resources, orchestrators, ...totals }: Report) {
  return { ...totals, resources: resources.map(tallyJson), orchestrators: orchestrators.map(tallyJson) };
}

export function reportText({ commits, manualEdits, manualShare, barriers, resources, orchestrators }: Report): string {
  const share = `${Math.round(manualShare * 1000) / 10} %`;
  return [
    `${commits} commits, ${manualEdits} of them by hand (${share}), ${barriers} barriers\n`,
    `Resources\n${table([[...HEAD, "TAKEN", "BROKEN", "EXPIRED"], ...resources.map(common)], "  ")}`,
    `Orchestrators\n${table(
      [
        [...HEAD, "LOST", "BROKEN", "EXPIRED", "COMMITS", "BREAKS", "TAKEOVERS"],
        ...orchestrators.map((row) => [...common(row), row.commits, row.breaks, row.takeovers].map(String)),
      ],
      "  ",
    )}`,
  ].join("\n");
}

const HEAD = ["NAME", "HOLDS", "HELD", "LONGEST", "WAITS", "WAITED", "GRANTED AFTER"];

function common(row: Tally): string[] {
  const { name, holds, held, longestHold, waits, waited, refusalsAvoided, taken, broken, expired } = row;
  const times = [String(holds), coarse(held), coarse(longestHold), String(waits), coarse(waited)];
  return [name, ...times, ...[refusalsAvoided, taken, broken, expired].map(String)];
}

/** RFC 4180, with one header: resources leave the last three columns empty. */
export function reportCsv({ resources, orchestrators }: Report): string {
  const rows = [
    ...resources.map((row) => ({ kind: "resource", ...tallyJson(row) })),
    ...orchestrators.map((row) => ({ kind: "orchestrator", ...tallyJson(row) })),
  ];
  const columns = [...CSV_COLUMNS];
  const line = (cells: readonly unknown[]) => `${cells.map(csvCell).join(",")}\r\n`;
  return (
    line(columns) + rows.map((row) => line(columns.map((column) => (row as Record<string, unknown>)[column]))).join("")
  );
}

const CSV_COLUMNS = [
  ...["kind", "name", "holds", "heldSeconds", "meanHoldSeconds", "longestHoldSeconds"],
  ...["waits", "waitedSeconds", "longestWaitSeconds", "refusalsAvoided"],
  ...["expired", "broken", "taken", "commits", "breaks", "takeovers"],
] as const;

/** A cell that a spreadsheet would take for a formula gets a quote in front (OWASP, "CSV injection"). */
function csvCell(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
