import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBoard, parseBoard } from "../../src/board/index.ts";
import { isSame } from "../../src/board/same.ts";
import { type Board, EMPTY_BOARD } from "../../src/domain/board.ts";
import { idKey, taskKey } from "../../src/domain/identifier.ts";
import { resourceKey, task as taskResource } from "../../src/domain/resource.ts";
import { asSets, board, heldBy, ordered } from "./arbitraries.ts";
import { boardOf, ORIGINAL_BOARD, ORIGINAL_DESCRIPTION, TEMPLATE } from "./texts.ts";

const MINIMAL = "## Task Queue\n";
const previous = fc.oneof(
  fc.constantFrom(
    TEMPLATE,
    ORIGINAL_BOARD,
    ORIGINAL_DESCRIPTION,
    MINIMAL,
    MINIMAL.trimEnd(),
    TEMPLATE.replaceAll("\n", "\r\n"),
  ),
  board.map((each) => formatBoard(each, TEMPLATE)),
  board.map((each) => formatBoard(each, ORIGINAL_DESCRIPTION)),
);

/** Some of the old rows, in their order, each perhaps with what the new one says, and new ones between them. */
const edited = fc
  .tuple(board, board, fc.array(fc.nat({ max: 2 }), { minLength: 80, maxLength: 80 }))
  .map(([before, other, choices]) => {
    let used = 0;
    const choose = () => choices[used++ % choices.length] ?? 0;
    const merge = <T>(old: readonly T[], fresh: readonly T[], key: (item: T) => string): T[] => {
      const pool = new Map(fresh.map((item) => [key(item), item]));
      const result: T[] = [];
      for (const item of old) {
        const choice = choose();
        const replacement = pool.get(key(item));
        pool.delete(key(item));
        if (choice !== 0) result.push(choice === 1 && replacement ? replacement : item);
      }
      for (const item of pool.values()) result.splice(choose() % (result.length + 1), 0, item);
      return result;
    };
    const withLeases = ({ tasks, leases }: Board) =>
      tasks.map((task) => ({ task, lease: leases.filter(({ resource }) => isSame(resource, taskResource(task.id))) }));
    const files = ({ leases }: Board) => leases.filter(({ resource }) => resource.kind === "file");
    const tasks = merge(withLeases(before), withLeases(other), ({ task }) => taskKey(task.id));
    const after: Board = {
      orchestrators: merge(before.orchestrators, other.orchestrators, ({ id }) => idKey(id)),
      settings: merge(before.settings, other.settings, ({ name }) => idKey(name.trim())),
      waiters: merge(
        before.waiters,
        other.waiters,
        (each) => `${resourceKey(each.resource)} ${idKey(each.orchestrator)}`,
      ),
      tasks: tasks.map(({ task }) => task),
      leases: [...tasks.flatMap(({ lease }) => lease), ...merge(files(before), files(other), heldBy)],
      locks: [],
    };
    return { before, after };
  });

describe("writing and reading a board", { timeout: 60_000 }, () => {
  it("gives back every legal board, whatever text it is written into", () => {
    fc.assert(
      fc.property(board, previous, (wanted, text) => {
        expect(asSets(boardOf(formatBoard(wanted, text)))).toEqual(asSets(wanted));
      }),
      { numRuns: 200 },
    );
  });

  it("returns the very same text when nothing changed", () => {
    fc.assert(
      fc.property(previous, (text) => {
        expect(formatBoard(boardOf(text), text)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it("changes nothing when only the order of a list differs", () => {
    fc.assert(
      fc.property(board, (wanted) => {
        const text = formatBoard(wanted, TEMPLATE);
        expect(formatBoard(asSets(boardOf(text)), text)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it("keeps the order of lists in which rows were inserted, removed or changed in place", () => {
    fc.assert(
      fc.property(edited, ({ before, after }) => {
        const text = formatBoard(after, formatBoard(before, TEMPLATE));
        expect(asSets(boardOf(text))).toEqual(asSets(after));
        expect(ordered(boardOf(text))).toEqual(ordered(after));
      }),
      { numRuns: 120 },
    );
  });

  it("keeps the order of every list on a board that was empty", () => {
    fc.assert(
      fc.property(board, (wanted) => {
        expect(ordered(boardOf(formatBoard(wanted, TEMPLATE)))).toEqual(ordered(wanted));
      }),
      { numRuns: 60 },
    );
  });

  it("comes back to a text without rows when everything is taken off again", () => {
    // With the columns that are added only when there is something to put into them.
    const wide = TEMPLATE.replace(/\| After \|\n(.*)\n/, "| After | Note |\n$1------|\n").replace(
      /\| Until \|\n(.*)\n/,
      "| Until | Turn |\n$1------|\n",
    );
    fc.assert(
      fc.property(board, (wanted) => {
        expect(formatBoard(EMPTY_BOARD, formatBoard(wanted, wide))).toBe(wide);
      }),
      { numRuns: 60 },
    );
  });

  it("refuses to write into a text that cannot be read, and says why", () => {
    expect(() => formatBoard(EMPTY_BOARD, "no board")).toThrow(expect.objectContaining({ code: "unreadable_board" }));
    expect(parseBoard(TEMPLATE)).toEqual({ ok: true, board: EMPTY_BOARD, warnings: [] });
  });
});
