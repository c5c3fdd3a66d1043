import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { archivePath, formatArchive, parseArchive } from "../../src/board/index.ts";
import type { Task } from "../../src/domain/board.ts";
import { board } from "./arbitraries.ts";

const done = (id: string, completedAt: number | null, title = `Task ${id}`): Task => ({
  id,
  title,
  state: "done",
  priority: null,
  area: null,
  after: [],
  completedBy: "ana",
  completedAt,
  note: null,
});
const JANUARY = Date.UTC(2026, 0, 31, 23, 59, 59);

describe("the archive of completed tasks", { timeout: 60_000 }, () => {
  it("is a file for each month in UTC", () => {
    expect(archivePath(done("T1", JANUARY))).toBe("archive/2026-01.md");
    expect(archivePath(done("T1", JANUARY + 1000))).toBe("archive/2026-02.md");
    expect(archivePath(done("T1", null))).toBe("archive/undated.md");
  });

  it("begins with a title and a table", () => {
    expect(formatArchive([done("T1", JANUARY, "a | b")], null)).toBe(
      [
        "# Completed tasks, 2026-01",
        "",
        "| ID | Task | Completed By | Completed At | Note |",
        "|----|------|--------------|--------------|------|",
        "| T1 | a \\| b | ana | 2026-01-31T23:59:59Z | - |",
        "",
      ].join("\n"),
    );
    expect(formatArchive([done("T1", null)], null)).toMatch(/^# Completed tasks without a date\n/);
  });

  it("grows at its end; what is there stays as it is, and nothing is added twice", () => {
    const first = `${formatArchive([done("T1", JANUARY)], null)}\nA note.\n`;
    const second = formatArchive([done("t01", JANUARY), done("T2", JANUARY)], first);
    expect(second).toBe(first.replace("\n\nA note.", "\n| T2 | Task T2 | ana | 2026-01-31T23:59:59Z | - |\n\nA note."));
    expect(formatArchive([done("T2", JANUARY)], second)).toBe(second);
    expect(formatArchive([], second)).toBe(second);
  });

  it("takes more tasks even when somebody damaged the file, and says that it is damaged", () => {
    const damaged = "| T1 | rows without a header |";
    expect(parseArchive(damaged)).toMatchObject({ ok: false, problems: [{ line: 1, code: "broken_table" }] });
    expect(formatArchive([done("T2", JANUARY)], damaged)).toContain(`${damaged}\n\n| ID | Task |`);
    expect(formatArchive([done("T2", JANUARY)], "just words\r\n")).toContain("words\r\n\r\n| ID | Task |");
  });

  it("gives back every task", () => {
    const finished = board.map(({ tasks }) => tasks.filter(({ state }) => state === "done"));
    fc.assert(
      fc.property(finished, fc.nat({ max: 4 }), (tasks, cut) => {
        const half = formatArchive(tasks.slice(0, cut), null);
        const text = formatArchive(tasks.slice(cut), half === "" ? null : half);
        expect(parseArchive(text)).toEqual({ ok: true, tasks });
      }),
      { numRuns: 100 },
    );
  });
});
