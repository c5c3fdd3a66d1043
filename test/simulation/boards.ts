/**
 * The boards that runs begin with. With short times leases expire in the middle of a run and are taken over, by
 * the clock or by observation; with long ones they never do.
 */
import { formatBoard } from "../../src/board/index.ts";
import { type Board, EMPTY_BOARD, type SettingRow, type Task } from "../../src/domain/board.ts";
import { writePlain } from "./codec.ts";
import type { Rng } from "./random.ts";

const FRAME = `# Master Coordination
<!-- git-coord board format 1 -->

## 📋 Task Queue

| ID | Priority | Task | Area | Claimed By | After |
|----|----------|------|------|------------|-------|
`;

const task = (id: string, priority: number, after: readonly string[] = []): Task => ({
  id,
  title: `work on ${id}`,
  state: "queued",
  priority,
  area: null,
  after,
  completedBy: null,
  completedAt: null,
  note: null,
});

const SHORT: readonly SettingRow[] = [
  ["Build lock time", "10s"],
  ["Lock time", "8s"],
  ["File lock time", "6s"],
  ["Session time", "15s"],
  ["Clock tolerance", "4s"],
  ["Hand-over grace", "3s"],
].map(([name = "", value = ""]) => ({ name, value }));

const board = (settings: readonly SettingRow[]): Board => ({
  ...EMPTY_BOARD,
  tasks: [task("T001", 1), task("T002", 1), task("T003", 2, ["T001"])],
  locks: [{ name: "gpu", slots: 2 }],
  settings,
});

const STARTS = [
  // Nothing expires within a run.
  board([]),
  board(SHORT),
  board(SHORT),
  // No wall clock is trusted.
  board([...SHORT, { name: "Clock trust", value: "none" }]),
];

const TEXTS = {
  markdown: STARTS.map((start) => formatBoard(start, FRAME)),
  plain: STARTS.map((start) => writePlain(start)),
};

/** On which nothing expires within minutes. */
export const LASTING = writePlain(board([]));

export function drawBoard(rng: Rng): string {
  return rng.pick(TEXTS[rng.chance(0.05) ? "markdown" : "plain"]);
}

/** What a person does with an editor: a line of prose, and nothing that the program reads. */
export function withNote(text: string): string {
  return text.replace("\n", "\n\nPlease leave the docs alone today.\n\n");
}
